package org.tiexec.tracer.sys;

import org.tiexec.protocol.abi.Errno;

/** The signals that are blocked in this process and wait for a thread to fetch them. For one thread. */
public final class PendingSignals {
    private static final int SIGNAL_SET_BYTES = 128;
    private static final int SIGINFO_BYTES = 128;
    private static final int SI_CODE_OFFSET = 8;

    private final LibC libc;
    private final long set;
    private final long info;

    /**
     * Prepares to fetch signals.
     *
     * @param library the bound C library
     * @param mask which ones; bit N−1 stands for signal N
     */
    public PendingSignals(NativeLibrary library, long mask) {
        this.libc = library.libc();
        NativeArena untilTheProcessEnds = new NativeArena(libc);
        this.set = untilTheProcessEnds.allocate(SIGNAL_SET_BYTES);
        this.info = untilTheProcessEnds.allocate(SIGINFO_BYTES);
        libc.memory().putLong(set, mask);
    }

    /**
     * Waits for the next one.
     *
     * @throws SysException if the kernel refuses to wait
     */
    public Arrival await() {
        while (true) {
            int signal = libc.sigwaitinfo(set, info);
            if (signal > 0) {
                return new Arrival(signal, libc.memory().getInt(info + SI_CODE_OFFSET));
            }
            Errno errno = libc.errno();
            if (!errno.equals(Errno.EINTR)) {
                throw new SysException("sigwaitinfo", errno, "this process");
            }
        }
    }

    /**
     * A signal that came.
     *
     * @param signal its number
     * @param code who sent it, {@code si_code} of {@code sigaction(2)}
     */
    public record Arrival(int signal, int code) {
        private static final int SI_KERNEL = 0x80;

        /** Whether the kernel sent it, as it does for keys of the terminal, to the whole process group. */
        public boolean isFromKernel() {
            return code == SI_KERNEL;
        }
    }
}
