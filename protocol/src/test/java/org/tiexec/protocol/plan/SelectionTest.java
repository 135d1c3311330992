package org.tiexec.protocol.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SelectionTest {
    @ParameterizedTest
    @CsvSource({
        "libjvm.so, libjvm.so, true",
        "libjvm.so, libjvm.so.1, false",
        "libLLVM*, libLLVM-14.so.1, true",
        "libLLVM*, libLLVM, true",
        "libLLVM*, xlibLLVM, false",
        "*, anything, true",
        "**a, banana, true",
        "*an*a, banana, true",
        "*an*b, banana, false",
        "*ab, aab, true",
        "lib?.so, liba.so, true",
        "lib?.so, lib.so, false",
        "lib[ab].so, libb.so, true",
        "lib[ab].so, libc.so, false",
        "lib[!ab].so, libc.so, true",
        "lib[^ab].so, liba.so, false",
        "lib[0-9].so, lib7.so, true",
        "lib[0-9].so, libx.so, false",
        "lib[]].so, lib].so, true",
        "lib[!]].so, lib].so, false",
        "lib[a-].so, lib-.so, true",
        "lib[a, lib[a, true",
        "lib[ab]*[cd], libaxxd, true",
    })
    void aPatternFitsAsInAShell(String pattern, String name, boolean fits) {
        assertThat(new NamePattern(pattern).matches(name)).isEqualTo(fits);
    }

    @Test
    void aPatternOfStarsOnlyTakesNoTime() {
        String stars = "*a".repeat(NamePattern.MAX_LENGTH / 2);
        assertThat(new NamePattern(stars).matches("a".repeat(255) + "b")).isFalse();
    }

    @Test
    void whatIsNoPatternIsRefused() {
        assertThatThrownBy(() -> new NamePattern("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NamePattern("x".repeat(257))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyTheLastPartOfAPathCounts() {
        Selection selection =
                new Selection(List.of(new NamePattern("libx*"), new NamePattern("*.node")), Optional.empty());
        assertThat(selection.admits("/usr/lib/libx.so.1")).isTrue();
        assertThat(selection.admits("/usr/libx/liby.so")).isFalse();
        assertThat(selection.admits("/app/addon.node (deleted)")).isTrue();
        assertThat(Selection.ALL.admits("/usr/libx/liby.so")).isTrue();
    }

    @Test
    void pagesAreCountedFromOne() {
        assertThatThrownBy(() -> new Selection(List.of(), Optional.of(0))).isInstanceOf(IllegalArgumentException.class);
        List<NamePattern> many = Collections.nCopies(Selection.MAX_PATTERNS + 1, new NamePattern("x"));
        assertThatThrownBy(() -> new Selection(many, Optional.empty())).isInstanceOf(IllegalArgumentException.class);
    }
}
