package org.tiexec.helper.planner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SizeTest {
    @ParameterizedTest
    @CsvSource({
        "4096,     4 KB",
        "323584,   316 KB",
        "1048575,  1023 KB",
        "1048576,  1.0 MB",
        "2093056,  1.9 MB",
        "2097152,  2.0 MB",
        "25165824, 24.0 MB",
    })
    void roundsDownSoThatTooLittleNeverLooksEnough(long bytes, String text) {
        assertThat(Size.text(bytes)).isEqualTo(text);
    }
}
