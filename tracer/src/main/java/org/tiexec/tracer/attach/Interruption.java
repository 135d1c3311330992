package org.tiexec.tracer.attach;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.PendingSignals;
import org.tiexec.tracer.sys.SignalInfo;

/**
 * A signal by which somebody asks us to end.
 *
 * <p>It ends this process at once as long as nothing has been begun; later the work is brought to an end first. Without the
 * launcher, which blocks signals, they end this process at any time, which the process that is attached to survives.
 */
final class Interruption implements AutoCloseable {
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGTERM = 15;
    private static final long PAUSE_NANOS = 20_000_000;

    private Optional<Integer> signal = Optional.empty();
    private boolean begun;
    private volatile boolean over;

    private Interruption() {}

    /**
     * Begins to wait for such signals.
     *
     * @param ignored those that this process was started with ignored; bit N−1 stands for signal N
     * @param whenIdle ends this process
     */
    static Interruption watch(NativeLibrary library, long ignored, Runnable whenIdle) {
        Interruption interruption = new Interruption();
        long wanted = bit(SIGHUP) | bit(SIGINT) | bit(SIGQUIT) | bit(SIGTERM);
        PendingSignals signals = new PendingSignals(library, wanted & ~ignored);
        Thread thread = new Thread(() -> interruption.await(signals, whenIdle), "signals");
        thread.setDaemon(true);
        thread.start();
        return interruption;
    }

    /** Looks again and again: when a JVM ends, it waits for threads that wait in the kernel. */
    private void await(PendingSignals signals, Runnable whenIdle) {
        while (!over) {
            Optional<SignalInfo> next = signals.poll();
            if (next.isPresent()) {
                note(next.get(), whenIdle);
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static long bit(int number) {
        return 1L << (number - 1);
    }

    private synchronized void note(SignalInfo info, Runnable whenIdle) {
        signal = Optional.of(info.number());
        if (!begun) {
            whenIdle.run();
        }
    }

    /** From now on the work is brought to an end first. */
    synchronized void beginWork() {
        begun = true;
    }

    /** Why no more should be begun, if somebody has asked us to end. */
    synchronized Optional<String> reason() {
        return signal.map(number -> "interrupted by " + name(number));
    }

    /** Waits no more. */
    @Override
    public void close() {
        over = true;
    }

    static String name(int number) {
        return switch (number) {
            case SIGHUP -> "SIGHUP";
            case SIGINT -> "SIGINT";
            case SIGQUIT -> "SIGQUIT";
            default -> "SIGTERM";
        };
    }
}
