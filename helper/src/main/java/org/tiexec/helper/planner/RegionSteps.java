package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.backing.Backing;
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
import org.tiexec.protocol.plan.Call;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.WidenedCalls;

/**
 * The steps for one region in the making; each method adds one.
 *
 * <p>Their shapes are those that the tracer accepts ({@link org.tiexec.protocol.plan.PlanValidator}).
 */
final class RegionSteps {
    private static final Arg NO_DESCRIPTOR = new Arg.Number(-1);
    private static final Arg NO_OFFSET = new Arg.Number(0);

    private final Region region;
    private final Backing backing;
    private final StageSpace space;
    private final List<Step> steps;
    private final Arg start;
    private final Arg length;

    /** Where the new pages are while they are filled. */
    private Arg newMemory;

    private Arg parked;

    /**
     * Begins without a step.
     *
     * @param steps the list of the whole plan, to which the steps are added
     */
    RegionSteps(Region region, Backing backing, StageSpace space, List<Step> steps) {
        this.region = region;
        this.backing = backing;
        this.space = space;
        this.steps = steps;
        this.start = Arg.at(region.range().start());
        this.length = Arg.length(region.range().length());
        this.newMemory = start;
        this.parked = start;
    }

    /** Whether the region goes beyond its mapping, so that its original consists of pieces. */
    boolean areWidened() {
        return region.isWidened();
    }

    /** From then on the region is mapped from its start to its end. */
    void claimGaps() {
        for (AddressRange gap : region.gaps()) {
            claim(gap, "claim the gap at " + gap.start() + " for");
        }
    }

    private void claim(AddressRange range, String why) {
        Expectation there = new Expectation.Exactly(range.start());
        add(nextId(), WidenedCalls.claim(range), there, Optional.of(WidenedCalls.release(range)), why);
    }

    void mapStage() {
        StepId id = nextId();
        Address hint = space.reserve(region.range());
        newMemory = new Arg.ResultOf(id);
        Call unmap = Call.of(SyscallName.MUNMAP, newMemory, length);
        add(id, map(Arg.at(hint), List.of()), Expectation.Kind.ADDRESS, Optional.of(unmap), "stage");
    }

    void mapOver() {
        newMemory = start;
        add(nextId(), map(start, List.of(MmapFlag.MAP_FIXED)), atStart(), makeRoom(), "new pages over");
    }

    /** The original of a widened region comes back in pieces, each of them to where nothing is. */
    private Optional<Call> makeRoom() {
        return region.isWidened() ? Optional.of(WidenedCalls.release(region.range())) : Optional.empty();
    }

    private Call map(Arg where, List<MmapFlag> placement) {
        List<AbiConstant> flags = new ArrayList<>(5);
        flags.add(MmapFlag.MAP_PRIVATE);
        flags.addAll(placement);
        flags.add(MmapFlag.MAP_ANONYMOUS);
        flags.addAll(backing.mapFlags());
        Arg protection = Arg.flags(ProtFlag.of(Protection.READ_WRITE));
        return Call.of(SyscallName.MMAP, where, length, protection, Arg.flags(flags), NO_DESCRIPTOR, NO_OFFSET);
    }

    /** A child that is forked meanwhile would share the pages: then they cannot be filled as huge ones. */
    void withhold() {
        keep(Advice.MADV_DONTFORK, "keep from children the stage of");
    }

    void share() {
        keep(Advice.MADV_DOFORK, "let children have the stage of");
    }

    private void keep(Advice advice, String why) {
        add(Call.of(SyscallName.MADVISE, newMemory, length, Arg.flags(advice)), Expectation.Kind.ZERO, why);
    }

    void adviseHuge() {
        advise(Advice.MADV_HUGEPAGE, "ask for huge pages in");
    }

    void collapse() {
        advise(Advice.MADV_COLLAPSE, "make huge what is not yet in");
    }

    /** Any result will do: whether the pages are huge is measured before the swap. */
    private void advise(Advice advice, String why) {
        if (backing.needsAdvice()) {
            Call call = Call.of(SyscallName.MADVISE, newMemory, length, Arg.flags(advice));
            add(call, Expectation.Kind.ANY, why);
        }
    }

    void snapshot() {
        add(HelperTask.SNAPSHOT, start);
    }

    void fill() {
        add(HelperTask.FILL, newMemory);
    }

    void verify() {
        add(HelperTask.VERIFY, newMemory);
    }

    void protect() {
        Call call = Call.protect(newMemory, region.range().length(), region.protection());
        add(call, Expectation.Kind.ZERO, "protect as before");
    }

    void park() {
        if (region.isWidened()) {
            parkPieces();
        } else {
            parkWhole();
        }
    }

    private void parkPieces() {
        Address place = space.reserve(region.range());
        parked = Arg.at(place);
        claim(AddressRange.ofLength(place, region.range().length()), "reserve the place to keep the original of");
        for (AddressRange piece : region.mapped()) {
            Address to = WidenedCalls.parked(region, piece, place);
            add(
                    nextId(),
                    WidenedCalls.park(piece, to),
                    new Expectation.Exactly(to),
                    Optional.of(WidenedCalls.bringBack(piece, to)),
                    "keep " + piece.start() + " of");
        }
    }

    private void parkWhole() {
        StepId id = nextId();
        parked = new Arg.ResultOf(id);
        Arg flags = Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_DONTUNMAP);
        // The kernel reads the address as a hint, but refuses one whose range overlaps the original's.
        Arg hint = Arg.at(space.reserve(region.range()));
        Call call = Call.of(SyscallName.MREMAP, start, length, length, flags, hint);
        add(id, call, Expectation.Kind.ADDRESS, Optional.of(moveToStart(parked)), "keep the original of");
    }

    void moveStage() {
        add(moveToStart(newMemory), atStart(), "swap");
    }

    /** As {@link #moveStage}, for a program that stands still: there it may be taken back by way of an empty region. */
    void moveStageOrMakeRoom() {
        add(nextId(), moveToStart(newMemory), atStart(), makeRoom(), "swap");
    }

    void dropPark() {
        add(Call.of(SyscallName.MUNMAP, parked, length), Expectation.Kind.ZERO, "give up the original of");
    }

    void closePark() {
        Call call = Call.protect(parked, region.range().length(), Protection.NONE);
        add(call, Expectation.Kind.ZERO, "keep unused the original of");
    }

    /** Only the code of a widened region loses its rights: what keeps that to read can be told from it. */
    void closeParkedCode() {
        Address place = new Address(((Arg.Hex) parked).bits());
        AddressRange code = WidenedCalls.parkedRange(region, region.code(), place);
        Optional<Call> open = Optional.of(Call.protect(code, region.protection()));
        add(nextId(), Call.protect(code, Protection.NONE), Expectation.Kind.ZERO, open, "keep unused the code of");
    }

    private Call moveToStart(Arg from) {
        Arg flags = Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED);
        return Call.of(SyscallName.MREMAP, from, length, length, flags, start);
    }

    private Expectation atStart() {
        return new Expectation.Exactly(region.range().start());
    }

    private void add(Call call, Expectation expect, String why) {
        add(nextId(), call, expect, Optional.empty(), why);
    }

    private void add(StepId id, Call call, Expectation expect, Optional<Call> undo, String why) {
        steps.add(new Step.SyscallStep(id, region.id(), call, expect, undo, why + " " + region.id()));
    }

    private void add(HelperTask task, Arg to) {
        steps.add(new Step.HelperStep(nextId(), region.id(), task, to));
    }

    private StepId nextId() {
        return new StepId("s" + (steps.size() + 1));
    }
}
