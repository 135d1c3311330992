package org.tiexec.protocol.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void controlCharactersBecomeQuestionMarks() {
        assertThat(Printable.of("a\nb\rc\td\u001b[2Je\u007ff\u009bg\u0000")).isEqualTo("a?b?c?d?[2Je?f?g?");
    }

    @Test
    void allElseStaysAsItIs() {
        assertThat(Printable.of("/opt/m\u00fcll \ud83d\udc0c \ufffd \\012 (deleted)"))
                .isEqualTo("/opt/m\u00fcll \ud83d\udc0c \ufffd \\012 (deleted)");
    }
}
