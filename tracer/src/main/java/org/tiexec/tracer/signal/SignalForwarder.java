package org.tiexec.tracer.signal;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.remote.RemoteSignals;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.PendingSignals;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SignalInfo;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.Stub;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * Passes the signals that are sent to the tracer on to the program, each once.
 *
 * <p>They are blocked in every thread of the tracer, which its launcher arranges, and fetched here one by one. What was sent
 * to the whole process group the program has already: a {@link GroupWitness} tells.
 *
 * <p>Until the program is let go they are held, and then it sends them itself, so that they look as their senders sent
 * them. After that, one that was queued with a payload still goes on with all that belongs to it; one that was sent by
 * {@code kill(2)} is sent again and names the tracer as its sender, because the kernel lets nobody name another.
 */
public final class SignalForwarder implements Runnable, AutoCloseable {
    private static final int SIGURG = 23;
    private static final int SIGKILL = 9;

    private final NativeLibrary library;
    private final Processes processes;
    private final Architecture arch;
    private final int program;
    private final Set<Integer> descriptors;
    private final GroupSignals group;
    private final PrintStream err;
    private final Thread thread = new Thread(this, "signal-forwarder");
    private final CountDownLatch running = new CountDownLatch(1);
    private volatile int threadId;

    /** Guards what follows. */
    private final Object lock = new Object();

    /** For the program, once it is let go. */
    private final List<SignalInfo> held = new ArrayList<>();

    /** All that concerns the program, what it has by itself included: should it never run, we become it. */
    private final List<SignalInfo> all = new ArrayList<>();

    private State state = State.HOLDING;
    private Optional<Integer> witnessPid;

    private enum State {
        /** The program is not let go yet. */
        HOLDING,
        /** The program runs. */
        PASSING,
        /** Nothing is passed on any more. */
        CLOSED
    }

    private SignalForwarder(
            NativeLibrary library,
            Architecture arch,
            Target target,
            Set<Integer> descriptors,
            Optional<Integer> witnessPid,
            PrintStream err) {
        this.library = library;
        this.processes = new Processes(library);
        this.arch = arch;
        this.program = target.pid();
        this.descriptors = descriptors;
        this.witnessPid = witnessPid;
        this.group = new GroupSignals(target.pendingSignals());
        this.err = err;
    }

    /**
     * Starts a stub that is to be the witness of what the group is sent; it must be there before the target is stopped.
     *
     * @param descriptors those that the program inherits, which the witness must not keep open
     * @return its process id; empty if there can be none
     */
    public static Optional<Integer> spawnWitness(Processes processes, Set<Integer> descriptors) {
        try {
            return Optional.of(Stub.spawnWithout(descriptors, processes));
        } catch (SysException e) {
            return Optional.empty();
        }
    }

    /**
     * Starts fetching signals on a thread of its own.
     *
     * @param target stopped, with all signals blocked, seized by the calling thread
     * @param witness what {@link #spawnWitness} returned after the target was spawned
     * @param err for the reason, should nothing be passed on any more
     */
    public static SignalForwarder start(
            NativeLibrary library,
            Architecture arch,
            Target target,
            Set<Integer> descriptors,
            Optional<Integer> witness,
            PrintStream err) {
        SignalForwarder forwarder = new SignalForwarder(library, arch, target, descriptors, witness, err);
        forwarder.thread.setDaemon(true);
        forwarder.thread.start();
        return forwarder;
    }

    /**
     * Gives the program what was held for it; what comes from now on is passed on at once.
     *
     * @param target about to be let go, on the thread that traces it
     * @throws TargetGoneException if it ended
     */
    public void release(Target target) throws TargetGoneException {
        synchronized (lock) {
            List<SignalInfo> unsent = held;
            if (!held.isEmpty()) {
                try {
                    unsent = RemoteSignals.send(target, arch, held);
                } catch (IOException e) {
                    // Then they come from us: better without their sender than not at all.
                    unsent = held;
                }
            }
            for (SignalInfo signal : unsent) {
                pass(signal);
            }
            held.clear();
            all.clear();
            state = State.PASSING;
        }
    }

    /**
     * Ends passing signals on; those that came for a program that never ran wait for the calling thread again, and for what
     * it becomes.
     */
    public void giveBack() {
        close();
        for (SignalInfo signal : all) {
            try {
                processes.queueToOwnThread(arch.number(InjectedCall.RT_TGSIGQUEUEINFO), signal);
            } catch (SysException e) {
                processes.kill(processes.ownPid(), signal.number());
            }
        }
    }

    /** Ends passing signals on and leaves no process behind. */
    @Override
    public void close() {
        synchronized (lock) {
            state = State.CLOSED;
            // Should the thread be waiting for the witness, it waits no longer.
            killWitness();
        }
        try {
            running.await();
            processes.signalThread(threadId, SIGURG);
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reapWitness();
    }

    private void killWitness() {
        if (witnessPid.isPresent()) {
            try {
                processes.kill(witnessPid.get(), SIGKILL);
            } catch (SysException e) {
                // It has been reaped: someone else had killed it.
                witnessPid = Optional.empty();
            }
        }
    }

    private void reapWitness() {
        if (witnessPid.isPresent()) {
            try {
                WaitStatus status;
                do {
                    status = WaitStatus.decode(processes.await(witnessPid.get(), Processes.WAIT_ALL));
                } while (!(status instanceof WaitStatus.Exited || status instanceof WaitStatus.Killed));
            } catch (SysException e) {
                // The thread has reaped it while it waited for its next stop.
            }
            witnessPid = Optional.empty();
        }
    }

    /** The thread's own work. */
    @Override
    public void run() {
        threadId = processes.ownThread();
        running.countDown();
        try {
            forwardUntilClosed();
        } catch (RuntimeException e) {
            err.println("tracer: signals sent to the tracer no longer reach the program: " + e
                    + "; send them to process " + program);
        }
    }

    private void forwardUntilClosed() {
        PendingSignals pending = new PendingSignals(library, Forwarding.FETCHED);
        Optional<GroupWitness> witness = seize(witnessPid);
        Optional<SignalInfo> waiting = pending.poll();
        while (waiting.isPresent()) {
            witness = judge(waiting.get(), pending, witness);
            waiting = pending.poll();
        }
        group.forgetWhatWasBeforeTheWitness();
        while (!isClosed()) {
            witness = judge(pending.await(), pending, witness);
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return state == State.CLOSED;
        }
    }

    private Optional<GroupWitness> seize(Optional<Integer> stub) {
        return stub.isPresent() ? GroupWitness.seize(library, processes, stub.get()) : Optional.empty();
    }

    /** Passes one signal on, if it is the program's; the witness for the next one. */
    private Optional<GroupWitness> judge(SignalInfo arrival, PendingSignals pending, Optional<GroupWitness> witness) {
        // What the program sends to its parent is not meant for the program; what comes from this very process was sent
        // before it became the tracer, but for our own waking call.
        boolean wakesUs = arrival.number() == SIGURG && arrival.isFrom(processes.ownPid());
        if (wakesUs || arrival.isFrom(program)) {
            return witness;
        }
        boolean ofTheGroup = arrival.isFromKernel();
        Optional<GroupWitness> next = witness;
        if (witness.isPresent()) {
            processes.settleGroup();
            try {
                group.add(witness.get().takeSignals());
                ofTheGroup = group.claim(arrival, pending);
            } catch (SysException e) {
                next = replaceWitness();
            }
        }
        if (Forwarding.concernsTheProgram(arrival)) {
            forward(arrival, ofTheGroup);
        }
        return next;
    }

    /** It has been killed, by us if this is the end. */
    private Optional<GroupWitness> replaceWitness() {
        synchronized (lock) {
            killWitness();
            reapWitness();
            if (state != State.CLOSED) {
                witnessPid = spawnWitness(processes, descriptors);
            }
            return seize(witnessPid);
        }
    }

    private void forward(SignalInfo signal, boolean theProgramHasIt) {
        synchronized (lock) {
            if (state != State.PASSING) {
                all.add(signal);
            }
            if (theProgramHasIt) {
                return;
            }
            if (state == State.PASSING) {
                pass(signal);
            } else {
                held.add(signal);
            }
        }
    }

    private void pass(SignalInfo signal) {
        try {
            if (signal.isQueued()) {
                processes.queue(arch.number(InjectedCall.RT_SIGQUEUEINFO), program, signal);
            } else {
                processes.kill(program, signal.number());
            }
        } catch (SysException e) {
            if (e.errno().equals(Errno.EAGAIN)) {
                // The program's queue is full; the signal itself still gets through.
                processes.kill(program, signal.number());
            }
            // Else it has just ended, or is now a user's whom we may not signal: there is no one to receive it.
        }
    }
}
