package org.tiexec.protocol.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tiexec.protocol.procfs.ProcFixtures.range;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;

final class MappedPagesTest {
    /** Reads {@code range=kind}, where the kind is hugetlb, thp, file, part or small. */
    private static MappedPages entry(String text) {
        int equals = text.indexOf('=');
        Mapping mapping =
                new Mapping(range(text.substring(0, equals)), Protection.READ_EXECUTE, false, 0, "00:00", 0, "");
        long length = mapping.range().length();
        return switch (text.substring(equals + 1)) {
            case "hugetlb" -> new MappedPages(mapping, PageSize.HUGE, 0, 0, List.of("ht"));
            case "thp" -> new MappedPages(mapping, PageSize.BASE, length, 0, List.of());
            case "file" -> new MappedPages(mapping, PageSize.BASE, 0, length, List.of());
            case "part" -> new MappedPages(mapping, PageSize.BASE, length - PageSize.HUGE, 0, List.of());
            default -> new MappedPages(mapping, PageSize.BASE, 0, 0, List.of());
        };
    }

    private static List<MappedPages> entries(String text) {
        List<MappedPages> entries = new ArrayList<>();
        for (String entry : text.split(" ", -1)) {
            entries.add(entry(entry));
        }
        return entries;
    }

    @ParameterizedTest
    @CsvSource({
        // the range is 600000-c00000
        "600000-c00000=hugetlb, true",
        "600000-c00000=thp, true",
        "600000-c00000=file, true",
        "600000-c00000=part, false",
        "600000-c00000=small, false",
        // in pieces
        "600000-800000=hugetlb 800000-c00000=thp, true",
        "600000-800000=hugetlb 800000-a00000=thp a00000-c00000=file, true",
        "600000-800000=hugetlb 800000-c00000=small, false",
        "600000-800000=small 800000-c00000=hugetlb, false",
        // with holes
        "600000-a00000=hugetlb, false",
        "800000-c00000=hugetlb, false",
        "600000-800000=hugetlb a00000-c00000=hugetlb, false",
        // with neighbours
        "400000-600000=small 600000-c00000=thp c00000-c10000=small, true",
        "5ff000-600000=small 600000-c00000=hugetlb c00000-c10000=small, true",
        // merged with a neighbour: all of it is huge, or nobody knows which part is
        "600000-e00000=thp, true",
        "400000-c00000=thp, true",
        "400000-e00000=hugetlb, true",
        "400000-800000=thp 800000-e00000=thp, true",
        "400000-c00000=part, false",
        "600000-e00000=part, false",
        "400000-800000=thp a00000-e00000=thp, false",
        // elsewhere
        "10000000-10600000=hugetlb, false",
    })
    void isWhollyHugeOnlyIfEveryByteIs(String entries, boolean whollyHuge) {
        assertThat(MappedPages.areWhollyHuge(entries(entries), range("600000-c00000")))
                .isEqualTo(whollyHuge);
    }

    @Test
    void nothingMappedIsNotHuge() {
        assertThat(MappedPages.areWhollyHuge(List.of(), range("600000-c00000"))).isFalse();
    }

    @Test
    void gigabytePagesAreNotWhatWasAskedFor() {
        Mapping mapping = new Mapping(
                range("40000000-80000000"), Protection.READ_EXECUTE, false, 0, "00:00", 0, "/anon_hugepage (deleted)");
        MappedPages gigantic = new MappedPages(mapping, PageSize.GIGANTIC, 0, 0, List.of());
        assertThat(gigantic.hugeBytes()).isZero();
    }
}
