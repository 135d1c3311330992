package org.tiexec.tracer.obstacle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Limits as the kernel prints them. */
final class MemoryLimitsTest {
    private static final String LIMITS = """
            Limit                     Soft Limit           Hard Limit           Units
            Max cpu time              unlimited            unlimited            seconds
            Max data size             DATA            unlimited            bytes
            Max locked memory         65536                65536                bytes
            Max address space         SPACE            unlimited            bytes
            """;

    @Test
    void thatAreNotSetAreNotTold() {
        assertThat(inWords("unlimited", "unlimited")).isEmpty();
        assertThat(MemoryLimits.inWords(new byte[0])).isEmpty();
    }

    @Test
    void thatAreSetAreToldWithTheirRemedy() {
        assertThat(inWords("unlimited", "104857600"))
                .isEqualTo("; its address space is limited to 102400 kB (raise it: ulimit -v)");
        assertThat(inWords("2097152", "unlimited")).isEqualTo("; its data is limited to 2048 kB (raise it: ulimit -d)");
        assertThat(inWords("0", "4096")).contains("ulimit -v", "ulimit -d");
    }

    private static String inWords(String data, String space) {
        return MemoryLimits.inWords(
                LIMITS.replace("DATA", data).replace("SPACE", space).getBytes(UTF_8));
    }
}
