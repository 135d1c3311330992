package org.tiexec.tracer.remote;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.tiexec.tracer.target.RunningProcess;

/**
 * Takes note of the ends of traced threads while the tracing thread seizes another one.
 *
 * <p>An execve kills the other threads of its process and waits until somebody has taken note of that; meanwhile it holds a
 * lock for which whoever seizes a thread of the process waits, too. So the tracer alone would wait for itself.
 */
final class Undertaker {
    private static final long PAUSE_NANOS = 20_000_000;

    private final RunningProcess process;
    private final Set<Integer> traced = ConcurrentHashMap.newKeySet();
    private volatile boolean seizing;
    private volatile boolean over;
    private boolean started;

    Undertaker(RunningProcess process) {
        this.process = process;
    }

    /** A thread is traced from now on. */
    void add(int thread) {
        traced.add(thread);
    }

    /** A thread is traced no more. */
    void remove(int thread) {
        traced.remove(thread);
    }

    /** The tracing thread is about to seize a thread. */
    void begin() {
        if (traced.isEmpty()) {
            return;
        }
        seizing = true;
        if (!started) {
            started = true;
            Thread thread = new Thread(this::work, "undertaker");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** It has done so. */
    void end() {
        seizing = false;
    }

    private void work() {
        while (!over) {
            LockSupport.parkNanos(PAUSE_NANOS);
            if (seizing) {
                traced.removeIf(process::bury);
            }
        }
    }

    /** Nothing is going to be seized any more. */
    void retire() {
        over = true;
    }
}
