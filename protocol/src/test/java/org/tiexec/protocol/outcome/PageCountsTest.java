package org.tiexec.protocol.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;

final class PageCountsTest {
    private static final AddressRange MAPPING = range(0x5ff000, 0xc10000);

    private static AddressRange range(long start, long end) {
        return new AddressRange(new Address(start), new Address(end));
    }

    private static MappedPages entry(long start, long end, long pageBytes, long anonHugeBytes) {
        Mapping mapping = new Mapping(range(start, end), Protection.READ_EXECUTE, false, 0, "fe:00", 5, "/a");
        return new MappedPages(mapping, pageBytes, anonHugeBytes, 0, List.of());
    }

    @Test
    void countsTheDesignsVectorBeforeAndAfter() {
        assertThat(PageCounts.of(List.of(entry(0x5ff000, 0xc10000, PageSize.BASE, 0)), MAPPING))
                .isEqualTo(new PageCounts(1553, 0));
        assertThat(PageCounts.of(
                        List.of(
                                entry(0x5ff000, 0x600000, PageSize.BASE, 0),
                                entry(0x600000, 0xc00000, PageSize.HUGE, 0),
                                entry(0xc00000, 0xc10000, PageSize.BASE, 0)),
                        MAPPING))
                .isEqualTo(new PageCounts(17, 3));
    }

    @ParameterizedTest
    @CsvSource({"0, 1536, 0", "2097152, 1024, 1", "4194304, 512, 2", "6291456, 0, 3"})
    void countsTransparentHugePages(long anonHugeBytes, long base, long huge) {
        assertThat(PageCounts.of(List.of(entry(0x600000, 0xc00000, PageSize.BASE, anonHugeBytes)), MAPPING))
                .isEqualTo(new PageCounts(base, huge));
    }

    @Test
    void leavesOutWhatLiesElsewhere() {
        List<MappedPages> entries = new ArrayList<>();
        entries.add(entry(0x400000, 0x5ff000, PageSize.BASE, 0));
        entries.add(entry(0x600000, 0x800000, PageSize.HUGE, 0));
        entries.add(entry(0xc10000, 0xc20000, PageSize.BASE, 0));
        assertThat(PageCounts.of(entries, MAPPING)).isEqualTo(new PageCounts(0, 1));
        assertThat(PageCounts.of(List.of(), MAPPING)).isEqualTo(new PageCounts(0, 0));
    }
}
