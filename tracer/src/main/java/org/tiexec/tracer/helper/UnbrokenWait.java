package org.tiexec.tracer.helper;

/**
 * Waits for something up to a deadline, whoever interrupts the thread; the interruption is kept for afterwards.
 *
 * <p>For one thread, which asks for what it waits for before each {@link #on}.
 */
final class UnbrokenWait implements AutoCloseable {
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final long deadline;
    private boolean interrupted;

    /**
     * Begins.
     *
     * @param deadline in the time of {@link System#nanoTime}
     */
    UnbrokenWait(long deadline) {
        this.deadline = deadline;
    }

    /**
     * Waits for the next news.
     *
     * @param monitor which the calling thread holds
     * @return whether there is time left
     */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    boolean on(Object monitor) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        try {
            monitor.wait(left / NANOS_PER_MILLI + 1);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        return true;
    }

    @Override
    public void close() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
