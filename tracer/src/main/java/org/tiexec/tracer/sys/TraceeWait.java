package org.tiexec.tracer.sys;

import java.util.Optional;
import org.tiexec.protocol.abi.Errno;

/**
 * Waits for whichever tracee of the calling thread stops or ends next.
 *
 * <p>Only those of this very thread are looked at, and its children: what other threads have started or trace is theirs. For
 * one thread.
 */
public final class TraceeWait implements AutoCloseable {
    /** {@code __WNOTHREAD} ({@code linux/wait.h}). */
    private static final int OF_THIS_THREAD = 0x20000000;

    private static final int ALL_OF_THIS_THREAD = Processes.WAIT_ALL | OF_THIS_THREAD;

    /** Of {@code waitid(2)}. The stops of tracees are told in any case, those of other children are not to be. */
    private static final int P_ALL = 0;

    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x0100_0000;
    private static final int CLD_TRAPPED = 4;

    /** In {@code siginfo_t} of a SIGCHLD ({@code asm-generic/siginfo.h}). */
    private static final int SI_CODE = 8;

    private static final int SI_PID = 16;
    private static final int SI_STATUS = 24;

    /** Greater numbers than this one tell of a system call or an event ({@code ptrace(2)}). */
    private static final int LAST_SIGNAL = 64;

    private static final int STOP_STATUS = 0x7f;
    private static final int SIG_BLOCK = 0;
    private static final int SIG_SETMASK = 2;
    private static final int SIGNAL_SET_BYTES = 128;
    private static final long SIGCHLD = 1L << 16;

    /** Another thread may fetch the signal that should wake this one: never sleep for long. */
    private static final long FIRST_PAUSE_NANOS = 500_000;

    private static final long LONGEST_PAUSE_NANOS = 16_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final LibC libc;
    private final NativeArena arena;
    private final long status;
    private final long info;
    private final long pause;
    private final long childSignals;
    private final long oldMask;

    /** Begins: from here on a SIGCHLD waits for this thread. */
    public TraceeWait(NativeLibrary library) {
        this.libc = library.libc();
        this.arena = new NativeArena(libc);
        this.status = arena.allocate(Long.BYTES);
        this.info = arena.allocate(SignalInfo.BYTES);
        this.pause = arena.allocate(2 * Long.BYTES);
        this.childSignals = arena.allocate(SIGNAL_SET_BYTES);
        this.oldMask = arena.allocate(SIGNAL_SET_BYTES);
        libc.memory().putLong(childSignals, SIGCHLD);
        libc.pthreadSigmask(SIG_BLOCK, childSignals, oldMask);
    }

    /** What there is to hear. */
    public sealed interface News {}

    /**
     * A tracee has stopped, or ended.
     *
     * @param thread its id
     * @param status as {@code waitpid(2)} gives it
     */
    public record Changed(int thread, int status) implements News {}

    /** There is none left. */
    public record Nobody() implements News {}

    /** Nothing has happened in time. */
    public record Silence() implements News {}

    /** Waits for ever. */
    public News next() {
        return news(0).orElse(new Silence());
    }

    /**
     * Waits up to a moment.
     *
     * @param deadline in the time of {@link System#nanoTime}
     */
    public News nextUntil(long deadline) {
        long patience = FIRST_PAUSE_NANOS;
        while (true) {
            Optional<News> news = news(WNOHANG);
            if (news.isPresent()) {
                return news.get();
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return new Silence();
            }
            sleep(Math.min(left, patience));
            patience = Math.min(2 * patience, LONGEST_PAUSE_NANOS);
        }
    }

    /**
     * Looks first. The stop of a thread that is about to get a signal is only looked at: were it taken, the signal would be
     * lost with us if we were killed before the thread goes on.
     */
    private Optional<News> news(int options) {
        while (true) {
            libc.memory().putInt(info + SI_PID, 0);
            boolean failed = libc.waitid(P_ALL, 0, info, WEXITED | WNOWAIT | ALL_OF_THIS_THREAD | options) == -1;
            if (failed && !libc.errno().equals(Errno.EINTR)) {
                return nobody();
            }
            int thread = failed ? 0 : libc.memory().getInt(info + SI_PID);
            if (thread == 0 && !failed) {
                return Optional.empty();
            }
            Optional<News> news = thread == 0 ? Optional.empty() : change(thread);
            if (news.isPresent()) {
                return news;
            }
        }
    }

    private Optional<News> nobody() {
        Errno errno = libc.errno();
        if (errno.equals(Errno.ECHILD)) {
            return Optional.of(new Nobody());
        }
        throw new SysException("waitid", errno, "any tracee");
    }

    /** Empty if it has been killed since, and is still to end. */
    private Optional<News> change(int thread) {
        int stop = libc.memory().getInt(info + SI_STATUS);
        boolean isTrapped = libc.memory().getInt(info + SI_CODE) == CLD_TRAPPED;
        if (isTrapped && stop <= LAST_SIGNAL) {
            return Optional.of(new Changed(thread, stop << Byte.SIZE | STOP_STATUS));
        }
        return libc.waitpid(thread, status, ALL_OF_THIS_THREAD | WNOHANG) == thread
                ? Optional.of(new Changed(thread, libc.memory().getInt(status)))
                : Optional.empty();
    }

    /** Until a SIGCHLD comes. */
    private void sleep(long nanos) {
        libc.memory().putLong(pause, nanos / NANOS_PER_SECOND);
        libc.memory().putLong(pause + Long.BYTES, nanos % NANOS_PER_SECOND);
        libc.sigtimedwait(childSignals, info, pause);
    }

    @Override
    public void close() {
        libc.pthreadSigmask(SIG_SETMASK, oldMask, 0);
        arena.close();
    }
}
