package org.tiexec.protocol.plan;

import java.util.Optional;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.SyscallName;

/** The order of steps that one region may go through, as a small machine fed with one step after the other. */
abstract sealed class RegionRules implements Step.Cases<Optional<String>, RuntimeException>
        permits LaunchRules, OrderedRules {
    private final Region region;
    private boolean complete;

    RegionRules(Region region) {
        this.region = region;
    }

    final Region region() {
        return region;
    }

    /** Goes one step further, or says which rule forbids it. */
    final void accept(Step step) throws PlanRejectedException {
        Optional<String> broken =
                complete ? Optional.of("region " + region.id() + " is already complete") : step.match(this);
        if (broken.isPresent()) {
            throw new PlanRejectedException("step " + step.id(), broken.get());
        }
    }

    /** Rejects a plan that stops half way. */
    final void requireComplete() throws PlanRejectedException {
        if (!complete) {
            throw new PlanRejectedException("region " + region.id(), "its steps stop half way");
        }
    }

    /** Notes that the last step was taken. */
    final void complete() {
        complete = true;
    }

    /** The call that moves what is at {@code from} over the region. */
    final Call moveTo(Arg from) {
        return Call.of(
                SyscallName.MREMAP,
                from,
                Arg.length(length()),
                Arg.length(length()),
                Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED),
                start());
    }

    final Arg start() {
        return Arg.at(region.range().start());
    }

    final long length() {
        return region.range().length();
    }

    final boolean isLength(Arg arg) {
        return arg.equals(Arg.length(length()));
    }

    final boolean expectsStart(Step.SyscallStep step) {
        return step.expect().equals(new Expectation.Exactly(region.range().start()));
    }

    /** Whether the call may succeed: an expectation that no success meets would undo what cannot be undone. */
    static boolean expectsSuccess(Step.SyscallStep step) {
        return step.expect().equals(Expectation.Kind.ZERO) || step.expect().equals(Expectation.Kind.ANY);
    }

    static boolean isWithoutUndo(Step.SyscallStep step) {
        return step.undo().isEmpty();
    }

    static boolean undoIs(Step.SyscallStep step, Call expected) {
        return step.undo().equals(Optional.of(expected));
    }
}
