package org.tiexec.tracer.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ConversationLogTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final ConversationLog log = new ConversationLog(new PrintStream(shown, true, StandardCharsets.UTF_8));

    @Test
    void eachLineHasItsDirection() throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        OutputStream questions = log.said(sent);
        InputStream answers = log.heard(new ByteArrayInputStream(bytes("{\"b\":1}\n{\"c\":2}\n")));

        questions.write(bytes("{\"a\":0}\n"));
        byte[] read = answers.readAllBytes();

        assertThat(shown()).isEqualTo("""
                tracer -> helper {"a":0}
                tracer <- helper {"b":1}
                tracer <- helper {"c":2}
                """);
        assertThat(sent.toByteArray()).isEqualTo(bytes("{\"a\":0}\n"));
        assertThat(read).isEqualTo(bytes("{\"b\":1}\n{\"c\":2}\n"));
    }

    @Test
    void aLineThatComesInPiecesIsOneLine() throws IOException {
        OutputStream questions = log.said(OutputStream.nullOutputStream());

        questions.write(bytes("{\"a\""));
        assertThat(shown()).isEmpty();
        questions.write(bytes(":0}\n"));

        assertThat(shown()).isEqualTo("tracer -> helper {\"a\":0}\n");
    }

    @Test
    void whatBreaksOffIsShownToo() throws IOException {
        assertThat(log.heard(new ByteArrayInputStream(bytes("{\"a\""))).readAllBytes())
                .hasSize(4);

        assertThat(shown()).isEqualTo("tracer <- helper {\"a\"\n");
    }

    @Test
    void aTerminalIsNotDrivenByIt() throws IOException {
        log.said(OutputStream.nullOutputStream()).write(bytes("\u001b[2J\n"));

        assertThat(shown()).doesNotContain("\u001b").hasLineCount(1);
    }

    private String shown() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
