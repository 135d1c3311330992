package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;

/** Valid plans of every shape, for a process with two pieces of code. */
public final class SamplePlans {
    /** The process for which the plans are made. */
    public static final int PID = 4242;

    static final Arg.Symbols STAGE_FLAGS = new Arg.Symbols(
            List.of(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS, MmapFlag.MAP_HUGETLB, MmapFlag.MAP_HUGE_2MB));

    private static final long TO_STAGE = 1L << 40;
    private static final long TO_PARK = 1L << 41;

    /** The design's first vector: 3 × 2 MiB inside 0x5ff000–0xc10000. */
    static final Region FIRST = region("r1", "0x600000", "0x600000", "0x5ff000", "0x611000", "0x200000");

    /** Another file's code: 2 × 2 MiB, exactly the mapping. */
    static final Region SECOND = region("r2", "0x7f0000200000", "0x400000", "0x7f0000200000", "0x400000", "0x0");

    /** Code on transparent huge pages whose file is parked. */
    static final Region THIRD = region("r3", "0x4000000", "0x400000", "0x4000000", "0x400000", "0x1000000");

    /** Code on reserved huge pages, from two attaches, whose file is parked in one piece. */
    static final Region FOURTH = region("r4", "0x6000000", "0x400000", "0x6000000", "0x400000", "0x2000000");

    /** The mappings of the process, around the regions too. */
    public static final List<Mapping> MAPPINGS = List.of(
            mapping("0x400000-0x5ff000", "r--", false, 0, 17, "/usr/bin/sample"),
            mapping("0x5ff000-0xc10000", "r-x", false, 0x1ff000, 17, "/usr/bin/sample"),
            mapping("0xc10000-0xd10000", "rw-", false, 0x810000, 17, "/usr/bin/sample"),
            mapping("0xe00000-0x1400000", "rw-", false, 0, 0, "[heap]"),
            mapping("0x2000000-0x2400000", "r-x", true, 0, 18, "/dev/shm/shared-code"),
            mapping("0x3000000-0x3400000", "rwx", false, 0, 19, "/usr/lib/writable-code"),
            mapping("0x4000000-0x4400000", "r-x", false, 0, 0, ""),
            mapping("0x5000000-0x5400000", "--x", false, 0, 20, "/usr/lib/unreadable-code"),
            mapping("0x6000000-0x6200000", "r-x", false, 0, 90, "/anon_hugepage (deleted)"),
            mapping("0x6200000-0x6400000", "r-x", false, 0, 91, "/anon_hugepage (deleted)"),
            mapping("0x20003000000-0x20003400000", "---", false, 0x1000000, 23, "/usr/lib/libthird.so"),
            mapping("0x20004000000-0x20004400000", "---", false, 0x2000000, 24, "/usr/lib/libfourth.so"),
            mapping("0x7f0000200000-0x7f0000600000", "r-x", false, 0, 21, "/usr/lib/libsample.so"),
            mapping("0x7f0000600000-0x7f0000a00000", "r-x", false, 0x400000, 22, "/usr/lib/libother.so"));

    private SamplePlans() {}

    /** One plan for each purpose with each combination of method and backing, each for one region and for two. */
    public static List<Plan> all() {
        List<Plan> plans = new ArrayList<>();
        for (MethodName method : MethodName.values()) {
            for (BackingName backing : BackingName.values()) {
                plans.add(plan(method, backing, FIRST));
                plans.add(plan(method, backing, FIRST, SECOND));
            }
        }
        for (BackingName backing : BackingName.values()) {
            plans.add(attach(backing, FIRST));
            plans.add(attach(backing, FIRST, SECOND));
        }
        plans.add(undo(THIRD));
        plans.add(undo(THIRD, FOURTH));
        return plans;
    }

    /** A plan that does one region after the other. */
    public static Plan plan(MethodName method, BackingName backing, Region... regions) {
        List<Step> steps = new ArrayList<>();
        for (Region region : regions) {
            steps.addAll(method == MethodName.IN_PLACE ? inPlace(region, backing) : stagedSwap(region, backing));
        }
        return new Plan(header(method, backing, List.of(regions)), steps);
    }

    /** A plan that attaches to one region after the other. */
    static Plan attach(BackingName backing, Region... regions) {
        List<Step> steps = new ArrayList<>();
        for (Region region : regions) {
            steps.addAll(attachSteps(region, backing));
        }
        return new Plan(header(Purpose.ATTACH, MethodName.STAGED_SWAP, backing, List.of(regions)), steps);
    }

    /** A plan that brings back what is parked, one region after the other. */
    static Plan undo(Region... regions) {
        List<Step> steps = new ArrayList<>();
        for (Region region : regions) {
            steps.addAll(undoSteps(region));
        }
        return new Plan(header(Purpose.UNDO, MethodName.STAGED_SWAP, BackingName.THP, List.of(regions)), steps);
    }

    static PlanHeader header(MethodName method, BackingName backing, List<Region> regions) {
        return header(Purpose.LAUNCH, method, backing, regions);
    }

    static PlanHeader header(Purpose purpose, MethodName method, BackingName backing, List<Region> regions) {
        return new PlanHeader(
                PID,
                "/usr/bin/sample",
                "x86_64",
                purpose,
                StrategyName.CONSERVATIVE,
                backing,
                method,
                regions,
                List.of("head and tail stay file-backed: 17 × 4 KiB"),
                new HostFacts("6.18.44", "madvise", 64, 12, 2, 0));
    }

    static List<Step> stagedSwap(Region region, BackingName backing) {
        String name = region.id() + "-";
        StepId stage = new StepId(name + "stage");
        StepId park = new StepId(name + "park");
        List<Step> steps = new ArrayList<>();
        steps.add(syscall(
                stage,
                region,
                Call.of(
                        SyscallName.MMAP,
                        Arg.at(region.range().start().plus(TO_STAGE)),
                        length(region),
                        Arg.flags(ProtFlag.PROT_READ, ProtFlag.PROT_WRITE),
                        backing == BackingName.HUGETLB
                                ? STAGE_FLAGS
                                : Arg.flags(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS),
                        new Arg.Number(-1),
                        new Arg.Number(0)),
                Expectation.Kind.ADDRESS,
                Call.of(SyscallName.MUNMAP, new Arg.ResultOf(stage), length(region))));
        if (backing == BackingName.THP) {
            steps.add(advise(name + "advise", region, new Arg.ResultOf(stage), Advice.MADV_HUGEPAGE));
        }
        steps.add(helper(name + "fill", region, HelperTask.FILL, new Arg.ResultOf(stage)));
        if (backing == BackingName.THP) {
            steps.add(advise(name + "collapse", region, new Arg.ResultOf(stage), Advice.MADV_COLLAPSE));
        }
        steps.add(protect(name + "protect", region, new Arg.ResultOf(stage)));
        steps.add(park(park, region));
        steps.add(syscall(
                new StepId(name + "swap"),
                region,
                moveOver(region, stage),
                new Expectation.Exactly(region.range().start())));
        steps.add(drop(name + "drop", region, park));
        return steps;
    }

    /** As a staged swap, with what an attach does besides and without what it does not. */
    private static List<Step> attachSteps(Region region, BackingName backing) {
        String name = region.id() + "-";
        Arg stage = new Arg.ResultOf(new StepId(name + "stage"));
        Arg park = new Arg.ResultOf(new StepId(name + "park"));
        List<Step> steps = stagedSwap(region, backing);
        steps.remove(steps.size() - 1);
        steps.add(1, keep(name + "withhold", region, stage, Advice.MADV_DONTFORK));
        steps.add(steps.size() - 2, helper(name + "verify", region, HelperTask.VERIFY, stage));
        steps.add(steps.size() - 2, keep(name + "share", region, stage, Advice.MADV_DOFORK));
        steps.add(syscall(
                new StepId(name + "close"),
                region,
                Call.of(SyscallName.MPROTECT, park, length(region), Arg.flags(ProtFlag.PROT_NONE)),
                Expectation.Kind.ZERO));
        return steps;
    }

    private static Step keep(String id, Region region, Arg stage, Advice advice) {
        return syscall(
                new StepId(id),
                region,
                Call.of(SyscallName.MADVISE, stage, length(region), Arg.flags(advice)),
                Expectation.Kind.ZERO);
    }

    private static List<Step> undoSteps(Region region) {
        String name = region.id() + "-";
        Arg park = Arg.at(region.equals(THIRD) ? new Address(0x20003000000L) : new Address(0x20004000000L));
        return List.of(
                syscall(
                        new StepId(name + "open"),
                        region,
                        Call.of(
                                SyscallName.MPROTECT,
                                park,
                                length(region),
                                Arg.flags(ProtFlag.PROT_READ, ProtFlag.PROT_EXEC)),
                        Expectation.Kind.ZERO,
                        Call.of(SyscallName.MPROTECT, park, length(region), Arg.flags(ProtFlag.PROT_NONE))),
                helper(name + "verify", region, HelperTask.VERIFY, park),
                syscall(
                        new StepId(name + "return"),
                        region,
                        moveOver(region, park),
                        new Expectation.Exactly(region.range().start())));
    }

    static List<Step> inPlace(Region region, BackingName backing) {
        String name = region.id() + "-";
        Arg start = Arg.at(region.range().start());
        StepId park = new StepId(name + "park");
        List<Step> steps = new ArrayList<>();
        steps.add(helper(name + "snapshot", region, HelperTask.SNAPSHOT, start));
        steps.add(park(park, region));
        steps.add(syscall(
                new StepId(name + "map"),
                region,
                Call.of(
                        SyscallName.MMAP,
                        start,
                        length(region),
                        Arg.flags(ProtFlag.PROT_READ, ProtFlag.PROT_WRITE),
                        backing == BackingName.HUGETLB
                                ? Arg.flags(
                                        MmapFlag.MAP_PRIVATE,
                                        MmapFlag.MAP_FIXED,
                                        MmapFlag.MAP_ANONYMOUS,
                                        MmapFlag.MAP_HUGETLB,
                                        MmapFlag.MAP_HUGE_2MB)
                                : Arg.flags(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_FIXED, MmapFlag.MAP_ANONYMOUS),
                        new Arg.Number(-1),
                        new Arg.Number(0)),
                new Expectation.Exactly(region.range().start())));
        if (backing == BackingName.THP) {
            steps.add(advise(name + "advise", region, start, Advice.MADV_HUGEPAGE));
        }
        steps.add(helper(name + "fill", region, HelperTask.FILL, start));
        if (backing == BackingName.THP) {
            steps.add(advise(name + "collapse", region, start, Advice.MADV_COLLAPSE));
        }
        steps.add(helper(name + "verify", region, HelperTask.VERIFY, start));
        steps.add(protect(name + "protect", region, start));
        steps.add(drop(name + "drop", region, park));
        return steps;
    }

    static Step park(StepId id, Region region) {
        return syscall(
                id,
                region,
                Call.of(
                        SyscallName.MREMAP,
                        Arg.at(region.range().start()),
                        length(region),
                        length(region),
                        Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_DONTUNMAP),
                        Arg.at(region.range().start().plus(TO_PARK))),
                Expectation.Kind.ADDRESS,
                moveOver(region, id));
    }

    static Step helper(String id, Region region, HelperTask task, Arg to) {
        return new Step.HelperStep(new StepId(id), region.id(), task, to);
    }

    private static Step advise(String id, Region region, Arg at, Advice advice) {
        return syscall(
                new StepId(id),
                region,
                Call.of(SyscallName.MADVISE, at, length(region), Arg.flags(advice)),
                Expectation.Kind.ANY);
    }

    private static Step protect(String id, Region region, Arg at) {
        return syscall(
                new StepId(id),
                region,
                Call.of(SyscallName.MPROTECT, at, length(region), Arg.flags(ProtFlag.PROT_READ, ProtFlag.PROT_EXEC)),
                Expectation.Kind.ZERO);
    }

    private static Step drop(String id, Region region, StepId park) {
        return syscall(
                new StepId(id),
                region,
                Call.of(SyscallName.MUNMAP, new Arg.ResultOf(park), length(region)),
                Expectation.Kind.ZERO);
    }

    private static Call moveOver(Region region, StepId from) {
        return moveOver(region, new Arg.ResultOf(from));
    }

    private static Call moveOver(Region region, Arg from) {
        return Call.of(
                SyscallName.MREMAP,
                from,
                length(region),
                length(region),
                Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED),
                Arg.at(region.range().start()));
    }

    private static Step syscall(StepId id, Region region, Call call, Expectation expect) {
        return new Step.SyscallStep(id, region.id(), call, expect, Optional.empty(), "test " + id);
    }

    private static Step syscall(StepId id, Region region, Call call, Expectation expect, Call undo) {
        return new Step.SyscallStep(id, region.id(), call, expect, Optional.of(undo), "test " + id);
    }

    static Arg length(Region region) {
        return Arg.length(region.range().length());
    }

    static Region region(
            String id, String start, String length, String mappingStart, String mappingLength, String fileOffset) {
        return new Region(
                new RegionId(id),
                AddressRange.ofLength(Address.parse(start), Address.parseHex(length)),
                AddressRange.ofLength(Address.parse(mappingStart), Address.parseHex(mappingLength)),
                Address.parseHex(fileOffset),
                Protection.READ_EXECUTE);
    }

    private static Mapping mapping(
            String range, String protection, boolean shared, long fileOffset, long inode, String name) {
        int dash = range.indexOf('-');
        return new Mapping(
                new AddressRange(Address.parse(range.substring(0, dash)), Address.parse(range.substring(dash + 1))),
                Protection.parse(protection),
                shared,
                fileOffset,
                inode == 0 ? "00:00" : "fe:00",
                inode,
                name);
    }
}
