package org.tiexec.protocol.plan;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.Protection;

/**
 * The steps by which the parked original of a region comes back: these, each once, in this order.
 *
 * <p>Give the parked file its protection, verify the region against it, move it over the region. Whether the park belongs
 * there cannot be told from addresses: whoever executes the plan compares both before the move.
 */
final class UndoRules extends RegionRules {
    private final Places places;
    private Optional<Arg> park = Optional.empty();
    private boolean verified;

    /**
     * Rules for a region of a plan.
     *
     * @param places what the steps of all regions use
     */
    UndoRules(Region region, Places places) {
        super(region);
        this.places = places;
    }

    @Override
    public Optional<String> helper(Step.HelperStep step) {
        boolean fits = step.task() == HelperTask.VERIFY
                && !verified
                && park.isPresent()
                && park.get().equals(step.to());
        verified = fits;
        return fits ? Optional.empty() : wrong();
    }

    @Override
    public Optional<String> syscall(Step.SyscallStep step) {
        if (park.isEmpty()) {
            return open(step);
        }
        boolean fits = verified && step.call().equals(moveTo(park.get())) && expectsStart(step) && isWithoutUndo(step);
        if (!fits) {
            return wrong();
        }
        complete();
        return Optional.empty();
    }

    private Optional<String> open(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        if (step.call().name() != SyscallName.MPROTECT || !(args.get(0) instanceof Arg.Hex place)) {
            return wrong();
        }
        boolean fits = step.call().equals(protect(place, region().protection()))
                && step.expect().equals(Expectation.Kind.ZERO)
                && undoIs(step, protect(place, Protection.NONE));
        if (!fits) {
            return wrong();
        }
        park = Optional.of(place);
        return places.takePark(new Address(place.bits()), region());
    }

    private Call protect(Arg place, Protection protection) {
        return Call.of(SyscallName.MPROTECT, place, Arg.length(length()), Arg.flags(ProtFlag.of(protection)));
    }

    private Optional<String> wrong() {
        if (park.isEmpty()) {
            return Optional.of("an undo begins with mprotect, which gives the whole park the region's own protection"
                    + " and is undone by taking it again");
        }
        return Optional.of(
                verified
                        ? "an undo ends with mremap, which moves the whole park over the region"
                        : "an undo verifies the region against the park before it moves the park");
    }
}
