package org.tiexec.tracer.launch;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.tiexec.protocol.procfs.Ids;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.sys.BareStart;
import org.tiexec.tracer.sys.Identity;
import org.tiexec.tracer.sys.IdentityCalls;
import org.tiexec.tracer.sys.IntervalTimer;
import org.tiexec.tracer.sys.KeptByExec;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Hands on to the program what it was to inherit, be it a child of this process or take its place.
 *
 * <p>What every child inherits anyway needs no help: this is the rest.
 */
final class Bequest {
    private final Inheritance inheritance;
    private final NativeCalls nativeCalls;
    private final SeccompTrial seccomp;
    private List<IntervalTimer> timers = List.of();

    Bequest(Inheritance inheritance, NativeCalls nativeCalls, SeccompTrial seccomp) {
        this.inheritance = inheritance;
        this.nativeCalls = nativeCalls;
        this.seccomp = seccomp;
    }

    /**
     * Prepares this process for one that is started by it, or takes its place.
     *
     * @throws SysException if the working directory cannot be entered
     */
    void prepare() {
        if (inheritance.directory().isPresent()) {
            kept().enterDirectory(inheritance.directory().get());
        }
    }

    /**
     * Completes what a stub has inherited, before it becomes the program.
     *
     * @param pid the stub
     * @param exec makes calls in the stub's name
     * @throws IOException if the stub cannot be read or written, or the kernel refuses
     * @throws SysException if the kernel refuses
     * @throws TargetGoneException if the stub was killed
     */
    void complete(int pid, RemoteExec exec) throws IOException, TargetGoneException {
        exec.closeDescriptorsBut(inheritance.descriptors());
        exec.ignoreSignals(inheritance.ignoredSignals());
        KeptByExec kept = kept();
        if (kept.isSubreaper()) {
            exec.becomeSubreaper();
        }
        kept.giveScheduling(pid);
        timers = kept.takeTimers();
        exec.startTimers(timers);
        exec.reserve(inheritance.argv(), inheritance.environment());
        // After what takes memory; before the execve, which lays out the program's by them.
        kept.limit(pid, inheritance.limits());
    }

    /** Completes this process, before it becomes the program. */
    void complete() {
        KeptByExec kept = kept();
        if (seccomp.killsExtras()) {
            nativeCalls.processes().hideSharedDescriptorsBut(inheritance.descriptors());
        } else {
            nativeCalls.processes().hideDescriptorsBut(inheritance.descriptors());
            kept.giveSchedulingToThisThread();
        }
        kept.startTimers(timers);
    }

    /**
     * Makes the calling thread whom the program is to run as.
     *
     * @throws SysException if the kernel refuses: then it must not become the program
     * @throws IOException if it cannot be seen what has come of it
     */
    void assumeIdentity(Architecture arch) throws IOException {
        if (inheritance.identity().isEmpty()) {
            return;
        }
        Identity identity = inheritance.identity().get();
        nativeCalls
                .processes()
                .assume(
                        identity,
                        new IdentityCalls(
                                arch.number(InjectedCall.SETGROUPS),
                                arch.number(InjectedCall.SETRESGID),
                                arch.number(InjectedCall.SETRESUID)));
        try (FileInputStream in = new FileInputStream("/proc/thread-self/status")) {
            Ids ids = new Ids(in.readAllBytes());
            if (!identity.isWhollyIn(ids.users(), ids.groups(), ids.supplementary())) {
                throw new IOException("it has not become " + identity);
            }
        } catch (ProcFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What the program is to begin with in the end, where this process becomes it. */
    BareStart bareStart(Architecture arch) {
        return new BareStart(
                inheritance.signalMask(),
                inheritance.ignoredSignals(),
                inheritance.limits(),
                arch.number(InjectedCall.RT_SIGACTION),
                arch.number(InjectedCall.RT_SIGPROCMASK));
    }

    /**
     * Leaves descriptors to the program alone, now that it runs.
     *
     * @throws IOException if that fails
     */
    void leave(Set<Integer> descriptors) throws IOException {
        kept().giveUp(descriptors);
    }

    private KeptByExec kept() {
        return new KeptByExec(nativeCalls.library());
    }
}
