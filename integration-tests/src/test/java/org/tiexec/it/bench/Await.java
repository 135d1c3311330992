package org.tiexec.it.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Waiting for what others bring about, by asking again and again until a deadline. */
final class Await {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long PAUSE_NANOS = 2_000_000;

    private Await() {}

    /** A question whose answer may not be there yet. */
    interface Question<T> {
        Optional<T> ask() throws IOException;
    }

    /** A condition that may not hold yet. */
    interface Condition {
        boolean holds() throws IOException;
    }

    static <T> T answer(String what, Question<T> question) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Optional<T> answer = question.ask(); ; answer = question.ask()) {
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() > deadline) {
                throw new BenchmarkException("not seen within " + PATIENCE.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    static void that(String what, Condition condition) throws IOException {
        answer(what, () -> condition.holds() ? Optional.of(what) : Optional.empty());
    }
}
