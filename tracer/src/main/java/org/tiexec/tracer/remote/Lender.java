package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.RunningProcess;
import org.tiexec.tracer.target.SeizedThread;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/** Finds a thread of a running process that can be borrowed, stops it, and makes sure that it can go home. */
final class Lender {
    /** A thread that does not stop in this time waits for something that nothing interrupts, as for a disk. */
    private static final Duration STOP_LIMIT = Duration.ofMillis(200);

    private static final Duration SETTLING = Duration.ofSeconds(2);

    private static final long PAUSE_NANOS = 1_000_000;

    private final RunningProcess process;
    private final LiveArchitecture arch;
    private final ThreadChoice choice;
    private final Duration patience;
    private final List<Lingering> lingering = new ArrayList<>();
    private final Deadlines deadlines;
    private final Undertaker undertaker;
    private Refusal.Kind obstacle = Refusal.Kind.NO_SUITABLE_THREAD;
    private String lastReason = "";
    private long settlingNanos = SETTLING.toNanos();

    /** A thread that has been asked to stop and has not done so yet, and when its call began. */
    private record Lingering(SeizedThread thread, Optional<LastRun> beginning) {}

    /**
     * Lends threads of one process.
     *
     * @param patience how long a thread is looked for
     */
    Lender(RunningProcess process, LiveArchitecture arch, Duration patience) {
        this.process = process;
        this.arch = arch;
        this.choice = new ThreadChoice(arch);
        this.patience = patience;
        this.deadlines = new Deadlines(process, arch);
        this.undertaker = new Undertaker(process);
    }

    /** What threads of the program may have noticed. */
    List<String> notes() {
        return deadlines.notes();
    }

    /**
     * Borrows any thread.
     *
     * @param withStack whether there must be room for a signal frame on its stack
     * @throws RefusedException if none can be borrowed
     * @throws TargetGoneException if the process has ended or executes another program
     */
    BorrowedThread borrow(boolean withStack) throws RefusedException, TargetGoneException {
        long start = System.nanoTime();
        do {
            for (ThreadFacts thread : candidates(withStack)) {
                Optional<BorrowedThread> borrowed = tryToBorrow(thread, withStack);
                if (borrowed.isPresent()) {
                    return borrowed.get();
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        } while (System.nanoTime() - start < patience.toNanos());
        throw new RefusedException(
                obstacle,
                "no thread of process " + process.pid() + " could be borrowed in " + patience.toMillis() + " ms"
                        + lastReason + "; try again later");
    }

    private List<ThreadFacts> candidates(boolean withStack) throws TargetGoneException {
        tend();
        try {
            List<ThreadFacts> threads = new ArrayList<>();
            for (int thread : process.threads()) {
                ThreadFacts.of(process, thread).ifPresent(threads::add);
            }
            Optional<Stacks> stacks = withStack ? Optional.of(stacks()) : Optional.empty();
            List<ThreadFacts> fit = choice.order(threads, stacks);
            if (fit.isEmpty()) {
                explain(threads);
            }
            return fit;
        } catch (IOException e) {
            throw gone();
        }
    }

    private void explain(List<ThreadFacts> threads) {
        StringBuilder states = new StringBuilder();
        boolean stopped = !threads.isEmpty();
        for (ThreadFacts thread : threads) {
            stopped &= thread.state() == 'T';
            if (states.indexOf(String.valueOf(thread.state())) < 0) {
                states.append(thread.state());
            }
        }
        obstacle = stopped ? Refusal.Kind.STOPPED : Refusal.Kind.NO_SUITABLE_THREAD;
        lastReason = " (its " + threads.size() + " threads are in the states " + states
                + ", or wait where an interruption would be noticed, or on no stack of their own)";
    }

    private Stacks stacks() throws IOException {
        try {
            return Stacks.in(MapsParser.parse(process.procFile("maps")), this::isUntouched);
        } catch (ProcFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What has been written to and cleared again counts as untouched, too. */
    private boolean isUntouched(AddressRange range) {
        byte[] content = new byte[Math.toIntExact(range.length())];
        try {
            process.read(range.start(), ByteBuffer.wrap(content));
        } catch (IOException e) {
            return false;
        }
        return Arrays.equals(content, new byte[content.length]);
    }

    private TargetGoneException gone() {
        return new TargetGoneException(process.pid(), process.isAlive() ? "executes another program now" : "has ended");
    }

    /**
     * Borrows one thread.
     *
     * @return empty if it cannot be borrowed now; it runs on
     */
    Optional<BorrowedThread> tryToBorrow(ThreadFacts facts, boolean withStack) throws TargetGoneException {
        if (isLingering(facts.id())) {
            return Optional.empty();
        }
        SeizedThread thread;
        try {
            undertaker.begin();
            thread = process.seize(facts.id(), facts.filtered());
        } catch (SysException e) {
            noteFailedSeize(facts, e);
            return Optional.empty();
        } finally {
            undertaker.end();
        }
        undertaker.add(facts.id());
        Optional<LastRun> beginning = deadlines.beginning(facts);
        long since = System.nanoTime();
        try {
            thread.interrupt();
            Optional<WaitStatus> status = thread.awaitStop(STOP_LIMIT);
            if (status.isEmpty()) {
                lastReason = " (thread " + facts.id() + " does not stop)";
                lingering.add(new Lingering(thread, beginning));
                return Optional.empty();
            }
            return standsForUs(thread, status.get()) ? examine(thread, withStack, since, beginning) : Optional.empty();
        } catch (SysException e) {
            if (!e.errno().equals(Errno.ESRCH) && !e.errno().equals(Errno.ECHILD)) {
                throw e;
            }
            BorrowedThread.bury(thread);
            return Optional.empty();
        }
    }

    private boolean isLingering(int thread) {
        for (Lingering each : lingering) {
            if (each.thread().id() == thread) {
                return true;
            }
        }
        return false;
    }

    private void noteFailedSeize(ThreadFacts facts, SysException reason) {
        if (reason.errno().equals(Errno.ESRCH)) {
            return;
        }
        boolean filter = facts.filtered()
                && (reason.errno().equals(Errno.EPERM) || reason.errno().equals(Errno.EINVAL));
        obstacle = filter ? Refusal.Kind.SECCOMP : Refusal.Kind.NOT_PERMITTED;
        lastReason = " (" + reason.getMessage() + ")";
    }

    /** Whether the thread stands at the stop that was asked for; if not, it has been let go as it wanted. */
    private boolean standsForUs(SeizedThread thread, WaitStatus status) {
        if (status instanceof WaitStatus.Event event) {
            if (!event.isGroupStop()) {
                return true;
            }
            obstacle = Refusal.Kind.STOPPED;
            lastReason = " (a signal has stopped it)";
            thread.letGo(0);
        } else if (status instanceof WaitStatus.Stopped signal) {
            thread.letGo(signal.signal());
        } else if (status instanceof WaitStatus.SyscallStop) {
            thread.letGo(0);
        } else {
            thread.forget();
        }
        return false;
    }

    private Optional<BorrowedThread> examine(
            SeizedThread thread, boolean withStack, long since, Optional<LastRun> beginning)
            throws TargetGoneException {
        Registers stopped = thread.registers();
        try {
            if (!arch.matches(stopped) || !canGoHome(stopped)) {
                lastReason = " (thread " + thread.id() + " executes foreign code)";
                thread.letGo(0);
                return Optional.empty();
            }
            Optional<Address> abort =
                    RestartableSequence.abortHandler(process, thread, arch.instructionPointer(stopped));
            Registers saved = abort.isPresent() ? arch.aborted(stopped, abort.get()) : stopped;
            BorrowedThread borrowed =
                    new BorrowedThread(process, thread, arch, deadlines.kept(thread.id(), saved, beginning), since);
            Optional<Address> below = withStack ? stacks().frameBelow(arch.stackPointer(stopped)) : Optional.empty();
            if (below.isPresent()) {
                borrowed.lendStack(below.get());
            } else if (withStack) {
                lastReason = " (thread " + thread.id() + " is on no stack of its own)";
                borrowed.goHome();
                return Optional.empty();
            }
            return Optional.of(borrowed);
        } catch (IOException e) {
            new BorrowedThread(process, thread, arch, stopped, since).goHome();
            throw gone();
        }
    }

    /** A call that is to be made again must have been made by the instruction that would make it. */
    private boolean canGoHome(Registers stopped) throws IOException {
        if (!arch.isToBeMadeAgain(stopped)) {
            return true;
        }
        byte[] instruction = new byte[arch.callBytes()];
        process.read(arch.instructionPointer(stopped).plus(-arch.callBytes()), ByteBuffer.wrap(instruction));
        return Arrays.equals(instruction, arch.syscallInstruction());
    }

    /** Lets those go that have stopped later than we could wait. */
    private void tend() {
        try {
            for (Optional<BorrowedThread> late = latecomer(); late.isPresent(); late = latecomer()) {
                late.get().goHome();
                released(late.get().id());
            }
        } catch (TargetGoneException e) {
            // That one has gone home, too; whoever borrows next finds out.
        }
    }

    /**
     * Borrows one that has stopped later than we could wait.
     *
     * @throws TargetGoneException if the process has ended or executes another program; the thread is let go
     */
    Optional<BorrowedThread> latecomer() throws TargetGoneException {
        for (Lingering lingerer : List.copyOf(lingering)) {
            SeizedThread thread = lingerer.thread();
            try {
                Optional<WaitStatus> status = thread.awaitStop(Duration.ZERO);
                if (status.isEmpty()) {
                    continue;
                }
                lingering.remove(lingerer);
                Optional<BorrowedThread> borrowed = standsForUs(thread, status.get())
                        ? examine(thread, false, System.nanoTime(), lingerer.beginning())
                        : Optional.empty();
                if (borrowed.isPresent()) {
                    return borrowed;
                }
                released(thread.id());
            } catch (SysException e) {
                if (!e.errno().equals(Errno.ESRCH) && !e.errno().equals(Errno.ECHILD)) {
                    throw e;
                }
                lingering.remove(lingerer);
                BorrowedThread.bury(thread);
                released(thread.id());
            }
        }
        return Optional.empty();
    }

    /**
     * Nothing is going to be borrowed for a while. Waits for those that have been asked to stop and have not done so yet, a
     * thread that gets no processor among others: else they would stop later and stand still until the next is borrowed.
     */
    void settle() {
        long start = System.nanoTime();
        tend();
        while (!lingering.isEmpty() && System.nanoTime() - start < settlingNanos) {
            LockSupport.parkNanos(PAUSE_NANOS);
            tend();
        }
        // What waits for something that nothing interrupts is not waited for each time.
        settlingNanos -= Math.min(settlingNanos, System.nanoTime() - start);
    }

    /** Nothing is going to be borrowed any more; what still has not stopped is let go when this process ends. */
    void retire() {
        settlingNanos = SETTLING.toNanos();
        settle();
        undertaker.retire();
    }

    /** A thread is no longer held. */
    void released(int thread) {
        undertaker.remove(thread);
    }
}
