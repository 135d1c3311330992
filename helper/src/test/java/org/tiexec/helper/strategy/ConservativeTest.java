package org.tiexec.helper.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.procfs.Mapping;

final class ConservativeTest {
    @ParameterizedTest
    @CsvSource({
        // start, end, head in 4 KB pages, huge pages, tail in 4 KB pages
        "0x5ff000,       0xc10000,       1,   3,  16",
        "0x400000,       0x579a000,      0,   41, 410",
        "0x400000,       0x600000,       0,   1,  0",
        "0x3ff000,       0x601000,       1,   1,  1",
        "0x401000,       0x979000,       511, 1,  377",
        "0x555555627000, 0x555555c0a000, 473, 2,  10",
        "0x7ffff7a09000, 0x7ffff7f82000, 503, 1,  386",
    })
    void takesTheAlignedInterior(String start, String end, long head, long huge, long tail) {
        AddressRange whole = new AddressRange(Address.parse(start), Address.parse(end));
        AddressRange range = choose(whole).orElseThrow();
        assertThat(range.isAligned(PageSize.HUGE)).isTrue();
        assertThat(range.pages(PageSize.HUGE)).isEqualTo(huge);
        assertThat(range.start().distanceFrom(whole.start())).isEqualTo(head * PageSize.BASE);
        assertThat(whole.end().distanceFrom(range.end())).isEqualTo(tail * PageSize.BASE);
    }

    @ParameterizedTest
    @CsvSource({"0x400000, 0x5ff000", "0x401000, 0x600000", "0x5ff000, 0x601000", "0x401000, 0x7ff000"})
    void leavesWhatHoldsNoWholeHugePage(String start, String end) {
        assertThat(choose(new AddressRange(Address.parse(start), Address.parse(end))))
                .isEmpty();
    }

    private static Optional<AddressRange> choose(AddressRange whole) {
        Mapping code = new Mapping(whole, Protection.READ_EXECUTE, false, 0, "08:01", 7, "/bin/x");
        return Strategies.named(StrategyName.CONSERVATIVE).choose(code, List.of(code));
    }
}
