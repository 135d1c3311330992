package org.tiexec.tracer.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.arch.SignalFrame;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.RunningProcess;
import org.tiexec.tracer.target.SeizedThread;
import org.tiexec.tracer.target.WaitStatus;

/**
 * A thread that stands still for us, and the registers with which it goes home.
 *
 * <p>It goes home by being detached with the registers that it had: the kernel then looks for signals and restarts the
 * call that was interrupted, exactly as if it had stopped for nothing.
 */
final class BorrowedThread {
    /** Longer than any call of ours takes, even with the memory lock held by others. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    /** How long a thread that is being killed may take. */
    private static final Duration END_LIMIT = Duration.ofSeconds(1);

    private final RunningProcess process;
    private final SeizedThread thread;
    private final LiveArchitecture arch;
    private final Registers saved;
    private final long since;
    private Optional<Duration> away = Optional.empty();
    private Optional<Address> stack = Optional.empty();
    private Optional<SignalFrame> frame = Optional.empty();

    /**
     * Takes over a thread that stands at an interrupt stop.
     *
     * @param saved its registers
     * @param since when it was asked to stop, on the clock of {@link System#nanoTime}
     */
    BorrowedThread(RunningProcess process, SeizedThread thread, LiveArchitecture arch, Registers saved, long since) {
        this.process = process;
        this.thread = thread;
        this.arch = arch;
        this.saved = saved;
        this.since = since;
    }

    int id() {
        return thread.id();
    }

    /** Its registers as they were when it was stopped. */
    Registers saved() {
        return saved;
    }

    /** How long it was away, once it has gone home or is gone. */
    Optional<Duration> away() {
        return away;
    }

    private void over() {
        away = Optional.of(Duration.ofNanos(System.nanoTime() - since));
    }

    /** Has signal frames of its put below that address. */
    void lendStack(Address below) {
        stack = Optional.of(below);
    }

    /**
     * Puts a frame by which it could go home without us onto the stack that it was lent.
     *
     * @param room how many bytes of that may be used
     * @return empty if it is gone, or its stack cannot take the frame
     * @throws IOException if the process has ended
     */
    Optional<SignalFrame> putFrame(Address signalReturn, long room) throws IOException {
        if (away.isPresent() || stack.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] state = thread.processorState();
            if (arch.signalFrameBytes(state) > room) {
                return Optional.empty();
            }
            SignalFrame put = arch.signalFrame(saved, stack.get(), signalReturn, thread.signalMask(), state);
            process.write(put.place(), put.bytes());
            frame = Optional.of(put);
        } catch (SysException e) {
            buryIfGone(e);
        } catch (IOException e) {
            if (!process.isAlive()) {
                throw e;
            }
            // Its limit keeps the stack from growing.
        }
        return frame;
    }

    /**
     * Lets it run from {@code start}, where it makes a call, to the end of that call.
     *
     * @return the raw result; empty if something came in between: then the call has not been made, and the thread has gone
     *     home or is gone
     */
    Optional<Long> call(Registers start, long number) {
        if (away.isPresent()) {
            return Optional.empty();
        }
        try {
            thread.setRegisters(start);
            int stops = 0;
            while (stops < 2) {
                thread.runToSyscallStop();
                Optional<WaitStatus> status = thread.awaitStop(CALL_LIMIT);
                if (status.isEmpty()) {
                    throw new ThreadUnavailableException(new Refusal(
                            Refusal.Kind.NO_SUITABLE_THREAD,
                            "thread " + id() + " has not finished call " + number + " in " + CALL_LIMIT.toSeconds()
                                    + " s (" + ThreadFacts.whereabouts(process, id())
                                    + "); it goes on by itself when the tracer has ended"));
                }
                if (status.get() instanceof WaitStatus.SyscallStop) {
                    stops++;
                } else if (interrupts(status.get())) {
                    return Optional.empty();
                }
            }
            Registers atExit = thread.registers();
            if (arch.callNumber(atExit) != number) {
                throw new IllegalStateException(
                        "thread " + id() + " made call " + arch.callNumber(atExit) + ", not " + number);
            }
            return Optional.of(arch.result(atExit));
        } catch (SysException e) {
            buryIfGone(e);
            return Optional.empty();
        }
    }

    /** Whether that stop ends the borrowing; if so, it is over. */
    private boolean interrupts(WaitStatus status) {
        if (status instanceof WaitStatus.Stopped signal) {
            goHome(signal.signal());
            over();
            return true;
        }
        if (status instanceof WaitStatus.Event event && !event.isGroupStop()) {
            // Only a notice, as of a SIGCONT: it goes on to where it was going.
            return false;
        }
        if (status instanceof WaitStatus.Event) {
            goHome();
            return true;
        }
        thread.forget();
        over();
        return true;
    }

    /** Lets it go on with what it was doing. */
    void goHome() {
        if (away.isPresent()) {
            return;
        }
        try {
            goHome(0);
            over();
        } catch (SysException e) {
            buryIfGone(e);
        }
    }

    private void goHome(int signal) {
        thread.setRegisters(arch.nativeHome(saved));
        // Not before: should the tracer die, the frame is its way home.
        clearFrame();
        thread.letGo(signal);
    }

    /** So that the place can be told from one that the program uses. */
    private void clearFrame() {
        if (frame.isEmpty()) {
            return;
        }
        try {
            process.write(frame.get().place(), new byte[frame.get().bytes().length]);
        } catch (IOException e) {
            // It stays, where nobody looks at it.
            return;
        }
        frame = Optional.empty();
    }

    /** A thread that is killed leaves its stop; its end must be taken note of, or its process cannot end. */
    private void buryIfGone(SysException reason) {
        if (!reason.errno().equals(Errno.ESRCH) && !reason.errno().equals(Errno.ECHILD)) {
            throw reason;
        }
        bury(thread);
        over();
    }

    /** Takes note of the end of a thread that is being killed. */
    static void bury(SeizedThread thread) {
        try {
            thread.awaitStop(END_LIMIT);
        } catch (SysException e) {
            if (!e.errno().equals(Errno.ECHILD)) {
                throw e;
            }
            // Gone already, as in an execve of another thread.
        }
        thread.forget();
    }
}
