package org.tiexec.tracer.follow;

import java.io.File;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.sys.SyscallEntry;
import org.tiexec.tracer.sys.TraceeWait;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.Tracee;
import org.tiexec.tracer.target.WaitStatus;

/**
 * Lets processes run, and stands by when one of them executes another program.
 *
 * <p>Each signal is delivered as it came, stops of whole processes stay stops, and a process that ends is let go before, so
 * that its parent learns of it from the kernel alone. Nobody is ever interrupted: those who run when following is over are
 * let go by the end of the tracing thread, which the kernel does without disturbing them.
 */
public final class Follower implements WaitStatus.Cases<Follower.Step> {
    private static final Errno GONE = Errno.ESRCH;

    private final NativeLibrary library;
    private final Processes processes;
    private final Reach reach;
    private final Privileges privileges;
    private final Audience audience;
    private final boolean boundToRoot;
    private final Map<Integer, Tracee> tracees = new HashMap<>();
    private int root;
    private int changed;
    private boolean leaderEnds;
    private Optional<Followed> outcome = Optional.empty();

    /**
     * Prepares to follow.
     *
     * @param privileges which of them have to be let go before they execute what
     * @param boundToRoot whether following is over when the process that was launched ends, or is stopped
     */
    public Follower(
            NativeLibrary library,
            Processes processes,
            Reach reach,
            Privileges privileges,
            Audience audience,
            boolean boundToRoot) {
        this.library = library;
        this.processes = processes;
        this.reach = reach;
        this.privileges = privileges;
        this.audience = audience;
        this.boundToRoot = boundToRoot;
    }

    /** What a tracee that has stopped does next. */
    enum Step {
        /** It runs. */
        RUN,
        /** It stays as it is, or has been dealt with. */
        NOTHING
    }

    /**
     * Lets a process run, and follows.
     *
     * @param target the process that was launched, seized by the calling thread, at the exit of its execve
     * @param isMeant whether it is to be held itself, as one that the audience has decided to hold
     * @param deadline when following ends, in the time of {@link System#nanoTime}, if it ends by time
     * @return what has become of it
     */
    public Followed follow(PtraceTarget target, boolean isMeant, Optional<Long> deadline) {
        root = target.pid();
        try (TraceeWait wait = new TraceeWait(library)) {
            begin(target, isMeant);
            while (outcome.isEmpty()) {
                TraceeWait.News news = deadline.isPresent() ? wait.nextUntil(deadline.get()) : wait.next();
                if (news instanceof TraceeWait.Changed change) {
                    handle(change.thread(), WaitStatus.decode(change.status()));
                } else {
                    outcome = Optional.of(new Followed.Left());
                }
            }
            return outcome.get();
        }
    }

    private void begin(PtraceTarget target, boolean isMeant) {
        changed = root;
        try {
            if (!isMeant) {
                takeBack(target);
            }
            if (!isMeant || present(target) == Step.RUN) {
                run(known(root), 0);
            }
        } catch (SysException e) {
            requireGone(e);
        }
    }

    private void handle(int thread, WaitStatus status) {
        changed = thread;
        try {
            if (status.match(this) == Step.RUN) {
                run(known(thread), 0);
            }
        } catch (SysException e) {
            requireGone(e);
        }
    }

    /** Killed in its stop: the next that is heard of it is its end. */
    private static void requireGone(SysException failure) {
        if (!failure.errno().equals(GONE)) {
            throw failure;
        }
    }

    /** Who is born traced tells so itself, perhaps before its parent does. */
    private Tracee known(int thread) {
        Tracee tracee = tracees.get(thread);
        if (tracee == null) {
            tracee = new Tracee(library, thread);
            tracees.put(thread, tracee);
        }
        return tracee;
    }

    private void run(Tracee tracee, int signal) {
        if (privileges.mayBeLost()) {
            tracee.resumeToSyscall(signal);
        } else {
            tracee.resume(signal);
        }
    }

    private void forget(int thread) {
        Tracee tracee = tracees.remove(thread);
        if (tracee != null) {
            tracee.close();
        }
    }

    private void letGo(int thread) {
        known(thread).letGo();
        tracees.remove(thread);
    }

    @Override
    public Step exited(WaitStatus.Exited status) {
        return ended(status);
    }

    @Override
    public Step killed(WaitStatus.Killed status) {
        return ended(status);
    }

    private Step ended(WaitStatus status) {
        forget(changed);
        if (changed == root) {
            rootIsOver(new Followed.Ended(status), reach == Reach.PROCESS || boundToRoot);
        }
        return Step.NOTHING;
    }

    private void rootIsOver(Followed how, boolean isTheEnd) {
        audience.rootEnds();
        if (isTheEnd) {
            outcome = Optional.of(how);
        }
    }

    @Override
    public Step stopped(WaitStatus.Stopped status) {
        run(known(changed), status.signal());
        return Step.NOTHING;
    }

    @Override
    public Step syscallStop(WaitStatus.SyscallStop status) {
        Tracee tracee = known(changed);
        Optional<SyscallEntry> entry = tracee.syscallEntry();
        if (entry.isPresent() && privileges.areAtStake(tracee, entry.get())) {
            letGo(changed);
            return Step.NOTHING;
        }
        return Step.RUN;
    }

    @Override
    public Step event(WaitStatus.Event status) {
        if (status.isGroupStop()) {
            return groupStop();
        }
        return switch (status.number()) {
            case WaitStatus.Event.EXEC -> executed();
            case WaitStatus.Event.EXIT -> ends();
            default -> Step.RUN;
        };
    }

    private Step groupStop() {
        if (boundToRoot && changed == root) {
            outcome = Optional.of(new Followed.Left());
        } else {
            known(changed).stayStopped();
        }
        return Step.NOTHING;
    }

    /** It is let go now: who waits for it is not to be told by way of us. */
    private Step ends() {
        leaderEnds |= changed == root;
        if (leaderEnds && !hasOtherThreads()) {
            leaderEnds = false;
            rootIsOver(new Followed.Left(), boundToRoot);
        }
        letGo(changed);
        return Step.NOTHING;
    }

    /** The end of its first thread is not that of the process: another one may go on, and execute a program. */
    private boolean hasOtherThreads() {
        String[] threads = new File("/proc/" + root + "/task").list();
        if (threads == null) {
            return false;
        }
        for (String thread : threads) {
            if (!thread.equals(Integer.toString(root)) && !thread.equals(Integer.toString(changed))) {
                return true;
            }
        }
        return false;
    }

    private Step executed() {
        if (changed == root) {
            leaderEnds = false;
        }
        int former = known(changed).formerId();
        if (former != changed) {
            // It was another thread, which now has the number of the first.
            forget(former);
        }
        return switch (audience.executed(changed)) {
            case FOLLOW -> Step.RUN;
            case LET_GO -> {
                letGo(changed);
                leftIfAlone();
                yield Step.NOTHING;
            }
            case HOLD -> hold();
        };
    }

    private Step hold() {
        forget(changed);
        try {
            return present(PtraceTarget.adoptAtExec(library, processes, changed));
        } catch (TargetGoneException e) {
            return ended(e.status());
        }
    }

    /** Shows the audience a process that is to be held. */
    private Step present(PtraceTarget target) {
        try {
            return switch (audience.take(target)) {
                case OVER -> {
                    leftIfAlone();
                    yield Step.NOTHING;
                }
                case UNCHANGED -> {
                    takeBack(target);
                    yield Step.RUN;
                }
                case EXECUTED -> {
                    takeBack(target);
                    yield executed();
                }
            };
        } catch (TargetGoneException e) {
            return ended(e.status());
        }
    }

    /** Of one process that is none of ours any more nobody is left. */
    private void leftIfAlone() {
        if (changed == root && reach == Reach.PROCESS) {
            outcome = Optional.of(new Followed.Left());
        }
    }

    private void takeBack(PtraceTarget target) {
        target.handOver();
        known(target.pid()).watch(reach.options());
    }

    @Override
    public Step continued(WaitStatus.Continued status) {
        return Step.NOTHING;
    }
}
