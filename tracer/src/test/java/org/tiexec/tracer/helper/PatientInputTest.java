package org.tiexec.tracer.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PatientInputTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(30);

    @Test
    void handsOnEveryByteInOrderUpToTheEnd() throws Exception {
        byte[] bytes = new byte[100_000];
        new Random(3).nextBytes(bytes);
        PatientInput input = new PatientInput(new ByteArrayInputStream(bytes), LONG);
        input.beginToWait();
        assertThat(input.read()).isEqualTo(bytes[0] & 0xff);
        byte[] rest = input.readAllBytes();
        assertThat(rest).hasSize(bytes.length - 1).endsWith(bytes[bytes.length - 1]);
        assertThat(Arrays.equals(rest, 0, rest.length, bytes, 1, bytes.length)).isTrue();
        assertThat(input.read()).isEqualTo(-1);
    }

    @Test
    void givesUpASilentPeer() throws Exception {
        try (PipedOutputStream silent = new PipedOutputStream();
                PipedInputStream pipe = new PipedInputStream(silent)) {
            PatientInput input = new PatientInput(pipe, SHORT);
            input.beginToWait();
            assertThatThrownBy(input::read)
                    .isInstanceOf(SilentHelperException.class)
                    .hasMessage("no answer within 0.03 s (wait longer: --timeout=SECONDS)");
        }
    }

    @Test
    void givesUpAPeerThatStopsHalfWay() throws Exception {
        try (PipedOutputStream half = new PipedOutputStream();
                PipedInputStream pipe = new PipedInputStream(half)) {
            PatientInput input = new PatientInput(pipe, SHORT);
            half.write("{\"type\":\"he".getBytes(StandardCharsets.US_ASCII));
            half.flush();
            input.beginToWait();
            assertThatThrownBy(input::readAllBytes).isInstanceOf(SilentHelperException.class);
        }
    }

    @Test
    @Timeout(20)
    void aQuestionAfterAnUnansweredOneMayBeAnswered() throws Exception {
        try (PipedOutputStream answers = new PipedOutputStream();
                PipedInputStream pipe = new PipedInputStream(answers)) {
            PatientInput input = new PatientInput(pipe, SHORT);
            input.beginToWait();
            assertThatThrownBy(input::read).isInstanceOf(SilentHelperException.class);
            answers.write('x');
            answers.flush();
            int answer = -1;
            while (answer < 0) {
                input.beginToWait();
                answer = readOrGiveUp(input);
            }
            assertThat(answer).isEqualTo('x');
        }
    }

    private static int readOrGiveUp(PatientInput input) throws IOException {
        try {
            return input.read();
        } catch (SilentHelperException e) {
            return -1;
        }
    }

    @Test
    void handsOnAFailure() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Input/output error");
            }

            @Override
            public int read(byte[] to, int offset, int length) throws IOException {
                throw new IOException("Input/output error");
            }
        };
        PatientInput input = new PatientInput(broken, LONG);
        input.beginToWait();
        assertThatThrownBy(input::read).isInstanceOf(IOException.class).hasMessage("Input/output error");
    }
}
