package org.tiexec.tracer.obstacle;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.TrialCall;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.SacrificialProcess;
import org.tiexec.tracer.target.WaitStatus;

/**
 * What the seccomp filters that this process was started under make of our calls.
 *
 * <p>A filter may kill whoever makes a call, and the program inherits it. So where there is one, and only there, the calls
 * of a launch are made beforehand by a process that may die of them. They are of the same kinds as the real ones, but about
 * processes that do not exist and about memory of its own.
 */
public final class SeccompTrial {
    private static final List<String> DIRECTORIES = List.of("/tmp", "/var/tmp", "/dev/shm");
    private static final String UNFILTERED = "\nSeccomp:\t0\n";
    private static final String FIELD = "\nSeccomp:";

    private static final long NO_PROCESS = Integer.MAX_VALUE;
    private static final long NO_DESCRIPTOR = 0xffff_ffffL;
    private static final long BAD_POINTER = 1;
    private static final long TOO_MANY = Integer.MAX_VALUE;
    private static final long NO_ID = 0xffff_ffffL;
    private static final long SIGNAL_SET_BYTES = 8;

    /** Addresses where nothing is in so small a program. */
    private static final long PLACE = 0x2000_0000_0000L;

    private static final long OTHER_PLACE = 0x2000_4000_0000L;
    private static final long HUGE_PLACE = 0x2000_8000_0000L;

    /** {@code PR_SET_DUMPABLE} ({@code linux/prctl.h}): who is killed here leaves no core file. */
    private static final long SET_DUMPABLE = 4;

    /** {@code PR_SET_PTRACER} ({@code linux/prctl.h}). */
    private static final long SET_PTRACER = 0x59616d61;

    /** {@code PTRACE_SEIZE} ({@code linux/ptrace.h}). */
    private static final long SEIZE = 0x4206;

    /** {@code CLONE_FILES} ({@code linux/sched.h}). */
    private static final long FILES = 0x400;

    private final NativeCalls nativeCalls;
    private final Architecture arch;
    private Optional<Boolean> filtered = Optional.empty();
    private Optional<Boolean> killsExtras = Optional.empty();

    /**
     * Tries nothing yet.
     *
     * @param arch whose calls are tried
     */
    public SeccompTrial(NativeCalls nativeCalls, Architecture arch) {
        this.nativeCalls = nativeCalls;
        this.arch = arch;
    }

    /**
     * What a launch may use.
     *
     * @param usable the pages that were asked for, without those that a filter keeps from us; empty if none are left
     * @param reason what a filter does; empty if nothing is in the way
     */
    public record Verdict(Optional<BackingChoice> usable, String reason) {
        /** What was asked for, so far as it may be used. */
        public Settings settings(Settings wanted) {
            return wanted.withBacking(usable.orElse(wanted.backing()));
        }
    }

    /** Tries all calls of a launch. */
    public Verdict of(BackingChoice wanted) {
        if (!isFiltered()) {
            return new Verdict(Optional.of(wanted), "");
        }
        List<TrialCall> common = common();
        List<TrialCall> hugetlb = wanted == BackingChoice.THP ? List.of() : hugetlb();
        List<TrialCall> thp = wanted == BackingChoice.HUGETLB ? List.of() : thp();
        List<TrialCall> all = new ArrayList<>(common);
        all.addAll(hugetlb);
        all.addAll(thp);
        all.addAll(extras());
        Optional<WaitStatus> together = run(all);
        if (together.isEmpty()) {
            killsExtras = Optional.of(true);
            return new Verdict(
                    Optional.empty(),
                    "there is a seccomp filter, and no place to try beforehand what it does (/tmp, /var/tmp and /dev/shm "
                            + "do not let files be executed)");
        }
        if (isClean(together.get())) {
            killsExtras = Optional.of(false);
            return new Verdict(Optional.of(wanted), "");
        }
        Optional<String> objection = objection(common);
        if (objection.isPresent()) {
            return new Verdict(Optional.empty(), objection.get());
        }
        Optional<String> toHugetlb = objection(hugetlb);
        Optional<String> toThp = objection(thp);
        if (wanted == BackingChoice.AUTO && toHugetlb.isPresent() != toThp.isPresent()) {
            return new Verdict(
                    Optional.of(toHugetlb.isPresent() ? BackingChoice.THP : BackingChoice.HUGETLB),
                    toHugetlb.isPresent() ? toHugetlb.get() : toThp.orElse(""));
        }
        if (toHugetlb.isPresent() || toThp.isPresent()) {
            return new Verdict(Optional.empty(), toHugetlb.isPresent() ? toHugetlb.get() : toThp.orElse(""));
        }
        return new Verdict(Optional.of(wanted), "");
    }

    /**
     * Why no process can become another user: a filter is in the way. Where that cannot be tried, the kernel will tell.
     */
    public Optional<String> objectionToIdentities() {
        if (!isFiltered() || run(List.of()).isEmpty()) {
            return Optional.empty();
        }
        return objection(identities(), "another user takes");
    }

    /** Whether a filter would kill this process for what it does for perfection's sake before it becomes the program. */
    public boolean killsExtras() {
        if (killsExtras.isPresent()) {
            return killsExtras.get();
        }
        boolean kills = isFiltered();
        if (kills) {
            Optional<WaitStatus> status = run(extras());
            kills = status.isEmpty() || !isClean(status.get());
        }
        killsExtras = Optional.of(kills);
        return kills;
    }

    private boolean isFiltered() {
        if (filtered.isPresent()) {
            return filtered.get();
        }
        boolean read = readWhetherFiltered();
        filtered = Optional.of(read);
        return read;
    }

    private static boolean readWhetherFiltered() {
        try (FileInputStream in = new FileInputStream("/proc/self/status")) {
            String status = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return status.contains(FIELD) && !status.contains(UNFILTERED);
        } catch (IOException e) {
            return true;
        }
    }

    /** The first call of a list that is not allowed, each being tried alone. */
    private Optional<String> objection(List<TrialCall> calls) {
        return objection(calls, "2 MB pages take");
    }

    private Optional<String> objection(List<TrialCall> calls, String use) {
        for (TrialCall call : calls) {
            Optional<WaitStatus> status = run(List.of(call));
            if (status.isEmpty() || !isClean(status.get())) {
                boolean refused = status.isPresent() && status.get() instanceof WaitStatus.Exited;
                return Optional.of(
                        "a seccomp filter " + (refused ? "refuses " : "kills whoever calls ") + call.name() + ", which "
                                + use + " (allow it, for example by SystemCallFilter= or in the container's profile)");
            }
        }
        return Optional.empty();
    }

    private Optional<WaitStatus> run(List<TrialCall> calls) {
        List<TrialCall> all = new ArrayList<>(calls.size() + 1);
        all.add(new TrialCall("prctl", arch.number(InjectedCall.PRCTL), false, SET_DUMPABLE, 0));
        all.addAll(calls);
        Optional<Integer> status = new SacrificialProcess(nativeCalls.library(), nativeCalls.processes(), DIRECTORIES)
                .run(arch.trialProgram(all));
        return status.isPresent() ? Optional.of(WaitStatus.decode(status.get())) : Optional.empty();
    }

    private static boolean isClean(WaitStatus status) {
        return status instanceof WaitStatus.Exited exited && exited.code() == 0;
    }

    private List<TrialCall> common() {
        long readWrite = ProtFlag.PROT_READ.value() | ProtFlag.PROT_WRITE.value();
        long readExecute = ProtFlag.PROT_READ.value() | ProtFlag.PROT_EXEC.value();
        long mayMove = MremapFlag.MREMAP_MAYMOVE.value();
        return List.of(
                injected("ptrace", InjectedCall.PTRACE, SEIZE, NO_PROCESS),
                injected("process_vm_readv", InjectedCall.PROCESS_VM_READV, NO_PROCESS),
                injected("process_vm_writev", InjectedCall.PROCESS_VM_WRITEV, NO_PROCESS),
                injected("close_range", InjectedCall.CLOSE_RANGE, NO_DESCRIPTOR, NO_DESCRIPTOR),
                injected("rt_sigtimedwait", InjectedCall.RT_SIGTIMEDWAIT, 0, 0, 0, SIGNAL_SET_BYTES),
                injected("rt_sigqueueinfo", InjectedCall.RT_SIGQUEUEINFO, NO_PROCESS, 0, BAD_POINTER),
                injected("rt_tgsigqueueinfo", InjectedCall.RT_TGSIGQUEUEINFO, NO_PROCESS, 0, 0, BAD_POINTER),
                injected("setpgid", InjectedCall.SETPGID, NO_PROCESS, 1),
                injected("getxattr", InjectedCall.GETXATTR, BAD_POINTER, BAD_POINTER),
                harmlessIfRefused("setitimer", InjectedCall.SETITIMER, 0, BAD_POINTER),
                harmlessIfRefused("prctl(PR_SET_PTRACER)", InjectedCall.PRCTL, SET_PTRACER),
                planned("mmap", SyscallName.MMAP, PLACE, PageSize.BASE, readWrite, anonymous(), -1),
                planned("mprotect(PROT_EXEC)", SyscallName.MPROTECT, PLACE, PageSize.BASE, readExecute),
                planned(
                        "mremap",
                        SyscallName.MREMAP,
                        PLACE,
                        PageSize.BASE,
                        PageSize.BASE,
                        mayMove | MremapFlag.MREMAP_DONTUNMAP.value(),
                        OTHER_PLACE),
                planned(
                        "mremap",
                        SyscallName.MREMAP,
                        OTHER_PLACE,
                        PageSize.BASE,
                        PageSize.BASE,
                        mayMove | MremapFlag.MREMAP_FIXED.value(),
                        PLACE),
                planned("munmap", SyscallName.MUNMAP, PLACE, PageSize.BASE));
    }

    private List<TrialCall> hugetlb() {
        long flags = anonymous() | MmapFlag.MAP_HUGETLB.value() | MmapFlag.MAP_HUGE_2MB.value();
        long readWrite = ProtFlag.PROT_READ.value() | ProtFlag.PROT_WRITE.value();
        return List.of(planned("mmap(MAP_HUGETLB)", SyscallName.MMAP, HUGE_PLACE, PageSize.HUGE, readWrite, flags, -1));
    }

    private List<TrialCall> thp() {
        return List.of(
                planned(
                        "madvise(MADV_HUGEPAGE)",
                        SyscallName.MADVISE,
                        PLACE,
                        PageSize.BASE,
                        Advice.MADV_HUGEPAGE.value()),
                planned(
                        "madvise(MADV_COLLAPSE)",
                        SyscallName.MADVISE,
                        PLACE,
                        PageSize.BASE,
                        Advice.MADV_COLLAPSE.value()));
    }

    /** What a launch does in this process before it becomes the program, and may leave. */
    private List<TrialCall> extras() {
        return List.of(
                harmlessIfRefused("unshare", InjectedCall.UNSHARE, FILES),
                harmlessIfRefused("sched_getscheduler", InjectedCall.SCHED_GETSCHEDULER));
    }

    /** Calls that change nothing: there are not so many groups, and this is no id. */
    private List<TrialCall> identities() {
        return List.of(
                injected("setgroups", InjectedCall.SETGROUPS, TOO_MANY, BAD_POINTER),
                injected("setresgid", InjectedCall.SETRESGID, NO_ID, NO_ID, NO_ID),
                injected("setresuid", InjectedCall.SETRESUID, NO_ID, NO_ID, NO_ID));
    }

    private static long anonymous() {
        return MmapFlag.MAP_PRIVATE.value() | MmapFlag.MAP_ANONYMOUS.value();
    }

    private TrialCall injected(String name, InjectedCall call, long... arguments) {
        return new TrialCall(name, arch.number(call), true, arguments);
    }

    private TrialCall harmlessIfRefused(String name, InjectedCall call, long... arguments) {
        return new TrialCall(name, arch.number(call), false, arguments);
    }

    private TrialCall planned(String name, SyscallName call, long... arguments) {
        return new TrialCall(name, arch.number(call), true, arguments);
    }
}
