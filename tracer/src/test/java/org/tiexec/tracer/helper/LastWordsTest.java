package org.tiexec.tracer.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LastWordsTest {
    @Test
    void theFirstLineIsWhatPeopleSee() {
        assertThat(wordsOf("\n helper: no process 7\tat all\r\nException in thread main\n"))
                .isEqualTo("helper: no process 7 at all");
    }

    @Test
    void aMegabyteIsReadToItsEndAndCutShort() {
        ByteArrayInputStream megabyte =
                new ByteArrayInputStream("x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));
        LastWords words = LastWords.of(megabyte);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (megabyte.available() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(megabyte.available()).isZero();
        assertThat(words.firstLine()).hasSize(2048);
    }

    @Test
    void whoHasSaidNothingHasNoLastWords() {
        assertThat(LastWords.of(new ByteArrayInputStream(new byte[0])).firstLine())
                .isEmpty();
    }

    private static String wordsOf(String text) {
        return LastWords.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .firstLine();
    }
}
