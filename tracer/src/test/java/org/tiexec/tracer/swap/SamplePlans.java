package org.tiexec.tracer.swap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.Call;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.tracer.target.FakeTarget;

/** Plans of both methods, written out step by step. */
public final class SamplePlans {
    private static final RegionId R1 = new RegionId("r1");

    private final List<Step> steps = new ArrayList<>();
    private final Arg start;
    private final Arg length;
    private final boolean collapse;

    private SamplePlans(long start, long length, boolean collapse) {
        this.start = Arg.at(new Address(start));
        this.length = Arg.length(length);
        this.collapse = collapse;
    }

    /** The plan of a method for a region that is a mapping of its own. */
    public static Plan of(MethodName method, BackingName backing, long start, long length) {
        return new SamplePlans(start, length, backing == BackingName.THP).plan(method, backing, start, length);
    }

    /** A plan for a region in a larger mapping, whose file begins where the mapping does. */
    static Plan within(MethodName method, BackingName backing, long start, long length, long mapping, long mapped) {
        Plan plan = of(method, backing, start, length);
        PlanHeader header = plan.header();
        Region region = header.regions().get(0);
        AddressRange whole = AddressRange.ofLength(new Address(mapping), mapped);
        return new Plan(
                new PlanHeader(
                        header.pid(),
                        header.exe(),
                        header.arch(),
                        header.strategy(),
                        header.backing(),
                        header.method(),
                        List.of(new Region(R1, region.range(), whole, start - mapping, region.protection())),
                        header.notes(),
                        header.host()),
                plan.steps());
    }

    /** A plan for transparent pages that forgets to ask for them. */
    static Plan withoutCollapse(MethodName method, long start, long length) {
        return new SamplePlans(start, length, false).plan(method, BackingName.THP, start, length);
    }

    /** A plan for the same while the program runs. */
    static Plan attach(BackingName backing, long start, long length) {
        SamplePlans plan = new SamplePlans(start, length, backing == BackingName.THP);
        plan.attach(backing);
        return plan.plan(Purpose.ATTACH, MethodName.STAGED_SWAP, backing, start, length);
    }

    /** A plan for the way back from where the original is parked. */
    static Plan undo(long start, long length, long parked) {
        SamplePlans plan = new SamplePlans(start, length, false);
        plan.undo(Arg.at(new Address(parked)));
        return plan.plan(Purpose.UNDO, MethodName.STAGED_SWAP, BackingName.HUGETLB, start, length);
    }

    private void attach(BackingName backing) {
        Arg stage = resultOf("map");
        call("map", map(new Arg.Hex(0x200000400000L), backing, false), Expectation.Kind.ADDRESS, unmap(stage));
        keep("withhold", stage, Advice.MADV_DONTFORK);
        if (collapse) {
            call("advise", advise(stage, Advice.MADV_HUGEPAGE), Expectation.Kind.ANY, Optional.empty());
        }
        helper("fill", HelperTask.FILL, stage);
        collapse(stage);
        call("seal", protect(stage), Expectation.Kind.ZERO, Optional.empty());
        helper("verify", HelperTask.VERIFY, stage);
        keep("share", stage, Advice.MADV_DOFORK);
        park();
        call("swap", moveFrom(stage), exactly(), Optional.empty());
        call("close", protect(resultOf("park"), Protection.NONE), Expectation.Kind.ZERO, Optional.empty());
    }

    private void undo(Arg parked) {
        Call close = protect(parked, Protection.NONE);
        call("open", protect(parked), Expectation.Kind.ZERO, Optional.of(close));
        helper("verify", HelperTask.VERIFY, parked);
        call("return", moveFrom(parked), exactly(), Optional.empty());
    }

    private void keep(String id, Arg at, Advice advice) {
        call(id, advise(at, advice), Expectation.Kind.ZERO, Optional.empty());
    }

    private Call advise(Arg at, Advice advice) {
        return Call.of(SyscallName.MADVISE, at, length, Arg.flags(advice));
    }

    private Plan plan(MethodName method, BackingName backing, long at, long bytes) {
        if (method == MethodName.STAGED_SWAP) {
            stagedSwap(backing);
        } else {
            inPlace(backing);
        }
        return plan(Purpose.LAUNCH, method, backing, at, bytes);
    }

    private Plan plan(Purpose purpose, MethodName method, BackingName backing, long at, long bytes) {
        AddressRange range = AddressRange.ofLength(new Address(at), bytes);
        return new Plan(
                new PlanHeader(
                        FakeTarget.PID,
                        "/bin/program",
                        "x86_64",
                        purpose,
                        StrategyName.CONSERVATIVE,
                        backing,
                        method,
                        List.of(new Region(R1, range, range, 0, Protection.READ_EXECUTE)),
                        List.of(),
                        new HostFacts("6.18", "madvise", 2, 2, 0, 0)),
                steps);
    }

    private void stagedSwap(BackingName backing) {
        Arg stage = resultOf("map");
        call("map", map(new Arg.Hex(0x200000400000L), backing, false), Expectation.Kind.ADDRESS, unmap(stage));
        helper("fill", HelperTask.FILL, stage);
        collapse(stage);
        call("seal", protect(stage), Expectation.Kind.ZERO, Optional.empty());
        park();
        call("swap", moveFrom(stage), exactly(), Optional.empty());
        call("drop", Call.of(SyscallName.MUNMAP, resultOf("park"), length), Expectation.Kind.ZERO, Optional.empty());
    }

    private void inPlace(BackingName backing) {
        helper("snapshot", HelperTask.SNAPSHOT, start);
        park();
        call("map", map(start, backing, true), exactly(), Optional.empty());
        helper("fill", HelperTask.FILL, start);
        collapse(start);
        helper("verify", HelperTask.VERIFY, start);
        call("seal", protect(start), Expectation.Kind.ZERO, Optional.empty());
        call("drop", Call.of(SyscallName.MUNMAP, resultOf("park"), length), Expectation.Kind.ZERO, Optional.empty());
    }

    private void collapse(Arg at) {
        if (collapse) {
            call(
                    "collapse",
                    Call.of(SyscallName.MADVISE, at, length, Arg.flags(Advice.MADV_COLLAPSE)),
                    Expectation.Kind.ANY,
                    Optional.empty());
        }
    }

    private void park() {
        call(
                "park",
                Call.of(
                        SyscallName.MREMAP,
                        start,
                        length,
                        length,
                        Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_DONTUNMAP),
                        new Arg.Hex(0x300000400000L)),
                Expectation.Kind.ADDRESS,
                Optional.of(moveFrom(resultOf("park"))));
    }

    private Call map(Arg at, BackingName backing, boolean fixed) {
        List<AbiConstant> flags = new ArrayList<>(List.of(MmapFlag.MAP_PRIVATE));
        if (fixed) {
            flags.add(MmapFlag.MAP_FIXED);
        }
        flags.add(MmapFlag.MAP_ANONYMOUS);
        if (backing == BackingName.HUGETLB) {
            flags.add(MmapFlag.MAP_HUGETLB);
            flags.add(MmapFlag.MAP_HUGE_2MB);
        }
        Arg protection = Arg.flags(ProtFlag.of(Protection.READ_WRITE));
        return Call.of(
                SyscallName.MMAP, at, length, protection, Arg.flags(flags), new Arg.Number(-1), new Arg.Number(0));
    }

    private Call moveFrom(Arg from) {
        Arg flags = Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED);
        return Call.of(SyscallName.MREMAP, from, length, length, flags, start);
    }

    private Call protect(Arg at) {
        return protect(at, Protection.READ_EXECUTE);
    }

    private Call protect(Arg at, Protection protection) {
        return Call.of(SyscallName.MPROTECT, at, length, Arg.flags(ProtFlag.of(protection)));
    }

    private Optional<Call> unmap(Arg at) {
        return Optional.of(Call.of(SyscallName.MUNMAP, at, length));
    }

    private Expectation exactly() {
        return new Expectation.Exactly(new Address(((Arg.Hex) start).bits()));
    }

    private static Arg resultOf(String step) {
        return new Arg.ResultOf(new StepId(step));
    }

    private void call(String id, Call call, Expectation expect, Optional<Call> undo) {
        steps.add(new Step.SyscallStep(new StepId(id), R1, call, expect, undo, id));
    }

    private void helper(String id, HelperTask task, Arg to) {
        steps.add(new Step.HelperStep(new StepId(id), R1, task, to));
    }
}
