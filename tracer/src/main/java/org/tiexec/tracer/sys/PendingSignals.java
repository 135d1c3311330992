package org.tiexec.tracer.sys;

import java.util.Optional;
import java.util.function.IntPredicate;
import org.tiexec.protocol.abi.Errno;

/** The signals that are blocked in this process and wait for a thread to fetch them. For one thread. */
public final class PendingSignals implements IntPredicate {
    private static final int SIGNAL_SET_BYTES = 128;

    private final LibC libc;
    private final long set;
    private final long info;
    private final long atOnce;
    private final long pending;

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
        this.info = untilTheProcessEnds.allocate(SignalInfo.BYTES);
        this.atOnce = untilTheProcessEnds.allocate(2 * Long.BYTES);
        this.pending = untilTheProcessEnds.allocate(SIGNAL_SET_BYTES);
        libc.memory().putLong(set, mask);
    }

    /**
     * Waits for the next one.
     *
     * @throws SysException if the kernel refuses to wait
     */
    public SignalInfo await() {
        while (true) {
            int signal = libc.sigwaitinfo(set, info);
            if (signal > 0) {
                return fetched();
            }
            failUnless(Errno.EINTR, "sigwaitinfo");
        }
    }

    /** The next one, if there is one already. */
    public Optional<SignalInfo> poll() {
        while (true) {
            int signal = libc.sigtimedwait(set, info, atOnce);
            if (signal > 0) {
                return Optional.of(fetched());
            }
            if (libc.errno().equals(Errno.EAGAIN)) {
                return Optional.empty();
            }
            failUnless(Errno.EINTR, "sigtimedwait");
        }
    }

    /** Whether a signal waits to be fetched now. */
    @Override
    public boolean test(int signal) {
        libc.sigpending(pending);
        return (libc.memory().getLong(pending) & 1L << (signal - 1)) != 0;
    }

    private SignalInfo fetched() {
        byte[] bytes = new byte[SignalInfo.BYTES];
        libc.memory().getByteArray(info, bytes, 0, bytes.length);
        return SignalInfo.of(bytes);
    }

    private void failUnless(Errno harmless, String call) {
        Errno errno = libc.errno();
        if (!errno.equals(harmless)) {
            throw new SysException(call, errno, "this process");
        }
    }
}
