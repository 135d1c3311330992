package org.tiexec.protocol.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapabilitiesTest {
    private static Capabilities of(String status) throws ProcFormatException {
        return new Capabilities(status.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"000001ffffffffff, true", "0000000000080000, true", "000001fffff7ffff, false", "0000000000000000, false"
    })
    void tracingIsTheTwentiethOfTheEffectiveOnes(String effective, boolean included) throws Exception {
        String status =
                "CapInh:\t0\nCapPrm:\t000001ffffffffff\nCapEff:\t" + effective + "\nCapBnd:\t000001ffffffffff\n";
        assertThat(of(status).includeTracing()).isEqualTo(included);
    }

    @Test
    void aFileThatDoesNotTellIsAnError() {
        assertThatThrownBy(() -> of("CapPrm:\t0\n"))
                .isInstanceOf(ProcFormatException.class)
                .hasMessageContaining("CapEff");
    }
}
