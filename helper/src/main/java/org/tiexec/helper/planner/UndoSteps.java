package org.tiexec.helper.planner;

import java.util.List;
import java.util.Optional;
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

/** The steps that bring one region's parked original back, in the shape that the tracer accepts. */
final class UndoSteps {
    private final Region region;
    private final Address park;
    private final Arg length;
    private final StageSpace space;
    private final List<Step> steps;

    /**
     * Begins without a step.
     *
     * @param park where the original is parked
     * @param space free addresses
     * @param steps the list of the whole plan, to which the steps are added
     */
    UndoSteps(Region region, Address park, StageSpace space, List<Step> steps) {
        this.region = region;
        this.park = park;
        this.length = Arg.length(region.range().length());
        this.space = space;
        this.steps = steps;
    }

    void add() {
        AddressRange code = WidenedCalls.parkedRange(region, region.code(), park);
        Call open = Call.protect(code, region.protection());
        Call close = Call.protect(code, Protection.NONE);
        add(nextId(), open, Expectation.Kind.ZERO, Optional.of(close), "make readable the original of");
        addTask(HelperTask.VERIFY, Arg.at(park));
        if (region.isWidened()) {
            replaceByACopy();
            bringBackPieces();
        } else {
            moveOver(Arg.at(park), "bring back the original of");
        }
    }

    /** Reserved pages cannot be replaced in part, small ones can. */
    private void replaceByACopy() {
        StepId id = nextId();
        Arg copy = new Arg.ResultOf(id);
        Call map = Call.of(
                SyscallName.MMAP,
                Arg.at(space.reserve(region.range())),
                length,
                Arg.flags(ProtFlag.of(Protection.READ_WRITE)),
                Arg.flags(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS),
                new Arg.Number(-1),
                new Arg.Number(0));
        Call unmap = Call.of(SyscallName.MUNMAP, copy, length);
        add(id, map, Expectation.Kind.ADDRESS, Optional.of(unmap), "small pages for a copy of");
        addTask(HelperTask.FILL, copy);
        Call protect = Call.protect(copy, region.range().length(), region.protection());
        add(nextId(), protect, Expectation.Kind.ZERO, Optional.empty(), "protect the copy of");
        moveOver(copy, "replace by the copy");
    }

    private void bringBackPieces() {
        for (AddressRange piece : region.mapped()) {
            Call move = WidenedCalls.bringBack(piece, WidenedCalls.parked(region, piece, park));
            Expectation there = new Expectation.Exactly(piece.start());
            add(nextId(), move, there, Optional.empty(), "bring back " + piece.start() + " of");
        }
        for (AddressRange gap : region.gaps()) {
            release(gap, "free the gap at " + gap.start() + " of");
        }
        for (AddressRange gap : region.gaps()) {
            release(WidenedCalls.parkedRange(region, gap, park), "free what stood for a gap of");
        }
    }

    private void release(AddressRange gap, String why) {
        add(nextId(), WidenedCalls.release(gap), Expectation.Kind.ZERO, Optional.empty(), why);
    }

    private void moveOver(Arg from, String why) {
        Arg flags = Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED);
        Address start = region.range().start();
        Call move = Call.of(SyscallName.MREMAP, from, length, length, flags, Arg.at(start));
        add(nextId(), move, new Expectation.Exactly(start), Optional.empty(), why);
    }

    private void addTask(HelperTask task, Arg to) {
        steps.add(new Step.HelperStep(nextId(), region.id(), task, to));
    }

    private void add(StepId id, Call call, Expectation expect, Optional<Call> undo, String why) {
        steps.add(new Step.SyscallStep(id, region.id(), call, expect, undo, why + " " + region.id()));
    }

    private StepId nextId() {
        return new StepId("s" + (steps.size() + 1));
    }
}
