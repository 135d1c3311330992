package org.tiexec.tracer.follow;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A look at a file that may wait for the very process that has asked, or for another one that is followed: they may be the
 * ones that serve its file system (FUSE), and stand still until the tracing thread lets them go on.
 */
public final class TimedLook {
    private static final long PATIENCE_MILLIS = 1000;

    private TimedLook() {}

    /** What is to be found out. */
    public interface Question<T> {
        /** Finds it out; empty if it cannot be. */
        Optional<T> ask();
    }

    /**
     * Asks on a thread of its own, which is left behind if it takes too long.
     *
     * @return empty if it could not be found out in time
     */
    public static <T> Optional<T> at(Question<T> question) {
        Look<T> look = new Look<>(question);
        Thread thread = new Thread(look, "look");
        thread.setDaemon(true);
        thread.start();
        try {
            return look.done.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) ? look.answer : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static final class Look<T> implements Runnable {
        private final Question<T> question;
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile Optional<T> answer = Optional.empty();

        Look(Question<T> question) {
            this.question = question;
        }

        @Override
        public void run() {
            try {
                answer = question.ask();
            } finally {
                done.countDown();
            }
        }
    }
}
