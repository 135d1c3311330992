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

    private static final int WNOHANG = 1;
    private static final int ANY = -1;
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
        return waitpid(0).orElse(new Silence());
    }

    /**
     * Waits up to a moment.
     *
     * @param deadline in the time of {@link System#nanoTime}
     */
    public News nextUntil(long deadline) {
        long patience = FIRST_PAUSE_NANOS;
        while (true) {
            Optional<News> news = waitpid(WNOHANG);
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

    private Optional<News> waitpid(int options) {
        while (true) {
            int thread = libc.waitpid(ANY, status, Processes.WAIT_ALL | OF_THIS_THREAD | options);
            if (thread > 0) {
                return Optional.of(new Changed(thread, libc.memory().getInt(status)));
            }
            if (thread == 0) {
                return Optional.empty();
            }
            Errno errno = libc.errno();
            if (errno.equals(Errno.ECHILD)) {
                return Optional.of(new Nobody());
            }
            if (!errno.equals(Errno.EINTR)) {
                throw new SysException("waitpid", errno, "any tracee");
            }
        }
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
