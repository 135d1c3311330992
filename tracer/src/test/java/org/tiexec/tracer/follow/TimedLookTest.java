package org.tiexec.tracer.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Whoever looks does not wait for ever. */
final class TimedLookTest {
    @Test
    void tellsWhatWasFound() {
        assertThat(TimedLook.at(() -> Optional.of("found"))).contains("found");
        assertThat(TimedLook.<String>at(Optional::empty)).isEmpty();
    }

    @Test
    void tellsNothingIfItTakesTooLong() throws Exception {
        CountDownLatch served = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);

        Optional<String> found = TimedLook.at(() -> {
            assertThatCode(served::await).doesNotThrowAnyException();
            seen.countDown();
            return Optional.of("too late");
        });

        assertThat(found).isEmpty();
        served.countDown();
        seen.await();
    }
}
