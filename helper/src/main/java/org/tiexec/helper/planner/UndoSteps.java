package org.tiexec.helper.planner;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.Call;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;

/** The steps that bring one region's parked original back, in the shape that the tracer accepts. */
final class UndoSteps {
    private final Region region;
    private final Arg park;
    private final Arg length;
    private final List<Step> steps;

    /**
     * Begins without a step.
     *
     * @param park where the original is parked
     * @param steps the list of the whole plan, to which the steps are added
     */
    UndoSteps(Region region, Address park, List<Step> steps) {
        this.region = region;
        this.park = Arg.at(park);
        this.length = Arg.length(region.range().length());
        this.steps = steps;
    }

    void add() {
        Call close = protect(Protection.NONE);
        add(protect(region.protection()), Expectation.Kind.ZERO, Optional.of(close), "make readable the original of");
        steps.add(new Step.HelperStep(nextId(), region.id(), HelperTask.VERIFY, park));
        Arg flags = Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED);
        Address start = region.range().start();
        Call move = Call.of(SyscallName.MREMAP, park, length, length, flags, Arg.at(start));
        add(move, new Expectation.Exactly(start), Optional.empty(), "bring back the original of");
    }

    private Call protect(Protection protection) {
        return Call.of(SyscallName.MPROTECT, park, length, Arg.flags(ProtFlag.of(protection)));
    }

    private void add(Call call, Expectation expect, Optional<Call> undo, String why) {
        steps.add(new Step.SyscallStep(nextId(), region.id(), call, expect, undo, why + " " + region.id()));
    }

    private StepId nextId() {
        return new StepId("s" + (steps.size() + 1));
    }
}
