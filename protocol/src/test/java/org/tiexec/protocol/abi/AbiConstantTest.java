package org.tiexec.protocol.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.memory.Protection;

final class AbiConstantTest {
    /** As the C compiler prints them. */
    @ParameterizedTest
    @CsvSource({
        "PROT_NONE, 0x0",
        "PROT_READ, 0x1",
        "PROT_WRITE, 0x2",
        "PROT_EXEC, 0x4",
        "MAP_PRIVATE, 0x2",
        "MAP_FIXED, 0x10",
        "MAP_ANONYMOUS, 0x20",
        "MAP_HUGETLB, 0x40000",
        "MAP_HUGE_2MB, 0x54000000",
        "MREMAP_MAYMOVE, 0x1",
        "MREMAP_FIXED, 0x2",
        "MREMAP_DONTUNMAP, 0x4",
        "MADV_DONTFORK, 10",
        "MADV_DOFORK, 11",
        "MADV_HUGEPAGE, 14",
        "MADV_COLLAPSE, 25",
    })
    void isFoundByItsNameAndHasTheValueOfTheHeader(String name, String value) {
        AbiConstant constant = AbiConstant.named(name).orElseThrow();
        assertThat(constant.name()).isEqualTo(name);
        assertThat(constant.value()).isEqualTo(Long.decode(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "MAP_SHARED", "prot_read", "PROT_READ ", "PROT_READ|PROT_EXEC", "1"})
    void isNotFoundByAnyOtherName(String name) {
        assertThat(AbiConstant.named(name)).isEmpty();
    }

    @Test
    void spellsOutAProtectionInHeaderOrder() {
        assertThat(ProtFlag.of(Protection.READ_EXECUTE)).isEqualTo(List.of(ProtFlag.PROT_READ, ProtFlag.PROT_EXEC));
        assertThat(ProtFlag.of(Protection.READ_WRITE)).isEqualTo(List.of(ProtFlag.PROT_READ, ProtFlag.PROT_WRITE));
        assertThat(ProtFlag.of(new Protection(true, true, true)))
                .isEqualTo(List.of(ProtFlag.PROT_READ, ProtFlag.PROT_WRITE, ProtFlag.PROT_EXEC));
        assertThat(ProtFlag.of(new Protection(false, false, false))).isEqualTo(List.of(ProtFlag.PROT_NONE));
    }
}
