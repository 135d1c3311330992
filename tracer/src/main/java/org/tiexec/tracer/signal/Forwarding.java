package org.tiexec.tracer.signal;

import org.tiexec.tracer.sys.SignalInfo;

/** Which of the signals that reach the tracer are meant for the program. */
final class Forwarding {
    private static final int SIGILL = 4;
    private static final int SIGBUS = 7;
    private static final int SIGFPE = 8;
    private static final int SIGKILL = 9;
    private static final int SIGSEGV = 11;
    private static final int SIGSTOP = 19;
    private static final int SIGXCPU = 24;

    /** The two signals that the C library keeps for itself. */
    private static final int SIGCANCEL = 32;

    private static final int SIGSETXID = 33;

    /** What can be fetched at all: the JVM lives on four, which it unblocks in its threads, two cannot be blocked. */
    static final long FETCHED = ~(bit(SIGILL)
            | bit(SIGBUS)
            | bit(SIGFPE)
            | bit(SIGSEGV)
            | bit(SIGKILL)
            | bit(SIGSTOP)
            | bit(SIGCANCEL)
            | bit(SIGSETXID));

    private Forwarding() {}

    private static long bit(int signal) {
        return 1L << (signal - 1);
    }

    /**
     * Whether the program would have got a signal had it stood in our place; what was sent to the group is another question.
     *
     * <p>It would not have had our children, nor have used up our processor time.
     */
    static boolean concernsTheProgram(SignalInfo signal) {
        boolean ofOurTime = signal.number() == SIGXCPU && signal.isFromKernel();
        return !signal.isAboutChild() && !ofOurTime;
    }
}
