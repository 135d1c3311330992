package org.tiexec.protocol.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProtectionTest {
    @ParameterizedTest
    @CsvSource({
        "---, false, false, false",
        "r--, true,  false, false",
        "-w-, false, true,  false",
        "--x, false, false, true",
        "rw-, true,  true,  false",
        "r-x, true,  false, true",
        "-wx, false, true,  true",
        "rwx, true,  true,  true",
    })
    void readsAndWritesTheThreeLetters(String letters, boolean read, boolean write, boolean execute) {
        Protection protection = new Protection(read, write, execute);
        assertThat(Protection.parse(letters)).isEqualTo(protection);
        assertThat(Protection.parse(letters + "p")).isEqualTo(protection);
        assertThat(protection).hasToString(letters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "r", "rw", "xwr", "RWX", "r x", "rrr", "wr-", "r-w", "?--"})
    void refusesAnythingElse(String letters) {
        assertThatThrownBy(() -> Protection.parse(letters))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(letters);
    }

    @Test
    void namesTheOnesThatMatterHere() {
        assertThat(Protection.READ).hasToString("r--");
        assertThat(Protection.READ_WRITE).hasToString("rw-");
        assertThat(Protection.READ_EXECUTE).hasToString("r-x");
    }
}
