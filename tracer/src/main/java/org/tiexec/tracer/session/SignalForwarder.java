package org.tiexec.tracer.session;

import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.PendingSignals;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;

/**
 * Passes the signals that are sent to the tracer on to the program.
 *
 * <p>They are blocked in every thread of the tracer, which its launcher arranges, and fetched here one by one. What the
 * terminal sends goes to the whole process group, so that the program has it already.
 */
final class SignalForwarder implements Runnable {
    private static final int SIGKILL = 9;
    private static final int SIGSEGV = 11;
    private static final int SIGPIPE = 13;

    /** Which the launcher has HotSpot use for itself. */
    private static final int SIGSTKFLT = 16;

    private static final int SIGCHLD = 17;
    private static final int SIGSTOP = 19;
    private static final int[] NOT_FORWARDED = {
        4, 5, 7, 8, SIGKILL, SIGSEGV, SIGPIPE, SIGSTKFLT, SIGCHLD, SIGSTOP, 32, 33
    };

    private final NativeLibrary library;
    private final Processes processes;
    private final int pid;

    SignalForwarder(NativeLibrary library, Processes processes, int pid) {
        this.library = library;
        this.processes = processes;
        this.pid = pid;
    }

    /** Starts forwarding on a thread of its own, until this process ends. */
    void start() {
        Thread thread = new Thread(this, "signal-forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        PendingSignals pending = new PendingSignals(library, forwarded());
        while (true) {
            PendingSignals.Arrival arrival = pending.await();
            if (!arrival.isFromKernel()) {
                forward(arrival.signal());
            }
        }
    }

    private void forward(int signal) {
        try {
            processes.kill(pid, signal);
        } catch (SysException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
            // The program has just ended: there is no one left to receive it.
        }
    }

    static long forwarded() {
        long mask = -1L;
        for (int signal : NOT_FORWARDED) {
            mask &= ~(1L << (signal - 1));
        }
        return mask;
    }
}
