package org.tiexec.protocol.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalSetsTest {
    private static SignalSets of(String status) {
        return new SignalSets(status.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void bothSetsAreReadAsUnsignedHexadecimal() throws Exception {
        SignalSets sets = of("Name:\tx\nSigBlk:\tfffffffe7ffbfeff\nSigIgn:\t0000000000001000\nSigCgt:\t0\n");
        assertThat(sets.blocked()).isEqualTo(0xfffffffe7ffbfeffL);
        assertThat(sets.ignored()).isEqualTo(1L << 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Name:\tx\n", "SigIgn:\t00", "SigIgn:\tzz\n", "SigIgn:\t\n"})
    void aFileThatDoesNotTellIsAnError(String status) {
        assertThatThrownBy(() -> of(status).ignored())
                .isInstanceOf(ProcFormatException.class)
                .hasMessageContaining("SigIgn");
    }
}
