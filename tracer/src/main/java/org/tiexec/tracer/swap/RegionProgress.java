package org.tiexec.tracer.swap;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.plan.WidenedCalls;

/** How far one region has come. */
final class RegionProgress {
    private final Region region;
    private final Purpose purpose;
    private final List<Step> tried = new ArrayList<>();
    private Optional<Step.SyscallStep> park = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private boolean compared;
    private boolean inPosition;

    /**
     * Begins without a step.
     *
     * @param purpose what the plan is for
     */
    RegionProgress(Region region, Purpose purpose) {
        this.region = region;
        this.purpose = purpose;
    }

    Region region() {
        return region;
    }

    Optional<String> failure() {
        return failure;
    }

    void fail(String reason) {
        failure = Optional.of(reason);
    }

    void add(Step step, boolean succeeded) {
        tried.add(step);
        if (!(step instanceof Step.SyscallStep syscall) || !isMove(syscall)) {
            return;
        }
        if (syscall.undo().isPresent() && syscall.call().args().get(0) instanceof Arg.Hex) {
            park = Optional.of(syscall);
        } else if (succeeded) {
            inPosition = true;
        }
    }

    /** Where all that is parked of the region begins: a step may have parked one piece of it. */
    private Address original(Map<StepId, Long> results) {
        Step.SyscallStep step = park.orElseThrow();
        Address piece = new Address(((Arg.Hex) step.call().args().get(0)).bits());
        return new Address(resultOf(step.id(), results) - piece.distanceFrom(start()));
    }

    /** Whether a step is one that {@link #objectionTo} looks into while the target, if it ever runs, runs. */
    boolean isLookedInto(Step.SyscallStep step) {
        // A switch over them would be one more class for a launch to load.
        if (purpose == Purpose.UNDO) {
            return isReturn(step);
        }
        return purpose == Purpose.ATTACH && (isSharing(step) || isClosing(step));
    }

    /** The first of the three steps of an attach that are made without letting the target run in between. */
    private static boolean isSharing(Step.SyscallStep step) {
        return step.call().name() == SyscallName.MADVISE
                && step.call().args().get(2).equals(Arg.flags(Advice.MADV_DOFORK));
    }

    private static boolean isMove(Step.SyscallStep step) {
        return step.call().name() == SyscallName.MREMAP;
    }

    /** The step of an undo by which the region is replaced: by what is parked, or by a copy of it. */
    private boolean isReturn(Step.SyscallStep step) {
        return isMove(step) && (!region.isWidened() || step.call().args().get(0) instanceof Arg.ResultOf);
    }

    /** The last step of an attach but for widened regions, as the earlier one of the same name comes before the park. */
    private boolean isClosing(Step.SyscallStep step) {
        return step.call().name() == SyscallName.MPROTECT && park.isPresent();
    }

    /** The same for a target that runs, or has just been made to stand still. */
    private Optional<String> objectionWhileRunning(
            Step.SyscallStep step, CommitGuard guard, Map<StepId, Long> results) {
        if (purpose == Purpose.UNDO) {
            return isReturn(step) ? objectionToReturn(step, guard, results) : Optional.empty();
        }
        if (isSharing(step)) {
            Optional<String> objection = check(guard, new Address(resultOf(stage(), results)), start());
            return objection.isPresent() ? objection : change(guard);
        }
        if (isMove(step) && park.isPresent() && !region.isWidened()) {
            // The move unmaps what is there: the park must be where the kernel has said.
            return guard.beginsOtherwise(region, original(results));
        }
        if (isClosing(step)) {
            // The program may have written to its code since the last look: then the original goes back.
            Address original = original(results);
            Address fresh = region.isWidened() ? new Address(resultOf(stage(), results)) : start();
            Optional<String> objection = check(guard, fresh, original);
            if (objection.isEmpty()) {
                objection = guard.isNotParked(region, original);
            }
            return objection.isPresent() || !region.isWidened() ? objection : change(guard);
        }
        return Optional.empty();
    }

    /** What the program has exchanged in the region, which is not replaced yet. */
    private Optional<String> change(CommitGuard guard) {
        Optional<String> change = Optional.empty();
        for (AddressRange piece : region.mapped()) {
            Protection protection = piece.equals(region.code()) ? region.protection() : Protection.READ;
            change = change.isPresent() ? change : guard.hasChanged(piece, protection);
        }
        for (AddressRange gap : region.gaps()) {
            change = change.isPresent() ? change : guard.isNotClaimed(gap);
        }
        return change;
    }

    /** What is parked is compared with the code in use, which alone tells that it belongs there. */
    private Optional<String> objectionToReturn(Step.SyscallStep step, CommitGuard guard, Map<StepId, Long> results) {
        Address place = opened();
        AddressRange parked = WidenedCalls.parkedRange(region, region.code(), place);
        Optional<String> objection = guard.differs(region, start(), place);
        if (objection.isEmpty() && step.call().args().get(0) instanceof Arg.ResultOf copy) {
            objection = guard.differs(region, new Address(resultOf(copy.step(), results)), place);
        }
        if (objection.isEmpty()) {
            objection = guard.hasChanged(region.range(), region.protection());
        }
        if (objection.isEmpty()) {
            objection = guard.hasChanged(parked, region.protection());
        }
        for (Widened piece : region.widened()) {
            AddressRange there = WidenedCalls.parkedRange(region, piece.range(), place);
            objection = objection.isPresent() ? objection : guard.hasChanged(there, Protection.READ);
        }
        return objection;
    }

    /** Where all that an undo brings back is parked: its first step gives the code in it its rights. */
    private Address opened() {
        Step.SyscallStep open = (Step.SyscallStep) tried.get(0);
        long code = ((Arg.Hex) open.call().args().get(0)).bits();
        return new Address(code - region.code().start().distanceFrom(start()));
    }

    private Address start() {
        return region.range().start();
    }

    /** The step that has mapped the new memory: the first of all. */
    private StepId stage() {
        return tried.get(0).id();
    }

    /**
     * Why a step must not be done now: before a stage is moved over the region, and before the parked original is
     * dropped, the new memory must be wholly huge and equal to the original; before new memory is mapped over the region,
     * the original must be parked.
     */
    Optional<String> objectionTo(Step.SyscallStep step, CommitGuard guard, Map<StepId, Long> results) {
        if (purpose != Purpose.LAUNCH) {
            return objectionWhileRunning(step, guard, results);
        }
        if (park.isEmpty()) {
            return Optional.empty();
        }
        Address original = original(results);
        Address start = region.range().start();
        SyscallName name = step.call().name();
        Arg first = step.call().args().get(0);
        if (name == SyscallName.MREMAP && first instanceof Arg.ResultOf stage) {
            return check(guard, new Address(resultOf(stage.step(), results)), original);
        }
        if (name == SyscallName.MMAP) {
            return guard.isNotParked(region, original);
        }
        if (name == SyscallName.MUNMAP) {
            return compared ? guard.isNotHuge(region.range()) : check(guard, start, original);
        }
        return Optional.empty();
    }

    private Optional<String> check(CommitGuard guard, Address fresh, Address original) {
        Optional<String> objection =
                guard.isNotHuge(AddressRange.ofLength(fresh, region.range().length()));
        if (objection.isEmpty()) {
            objection = guard.differs(region, fresh, original);
        }
        compared = objection.isEmpty();
        return objection;
    }

    private static long resultOf(StepId step, Map<StepId, Long> results) {
        Long result = results.get(step);
        if (result == null) {
            throw new IllegalArgumentException("no result of step " + step + ": not validated");
        }
        return result;
    }

    /** The steps that changed something and have an undo, the latest first. */
    List<Step.SyscallStep> changesToUndo(Map<StepId, Long> results) {
        List<Step.SyscallStep> changes = new ArrayList<>();
        for (Step step : tried) {
            if (step instanceof Step.SyscallStep syscall
                    && syscall.undo().isPresent()
                    && results.containsKey(step.id())
                    && !isVacated(syscall)) {
                changes.add(syscall);
            }
        }
        Collections.reverse(changes);
        return changes;
    }

    /**
     * Why the original of a running target must not be moved back: it is not parked where it was put. A move that fails
     * late leaves nothing at its destination, where the target executes what is there now, be that original or new memory.
     */
    Optional<String> objectionToMovingBack(Step.SyscallStep change, CommitGuard guard, Map<StepId, Long> results) {
        if (purpose != Purpose.ATTACH || !isMove(change)) {
            return Optional.empty();
        }
        Address place = new Address(resultOf(change.id(), results));
        return guard.isNotParked(region.isWidened() ? pieceOf(change) : region, place);
    }

    /** The piece of a widened region that a step has parked. */
    private Region pieceOf(Step.SyscallStep park) {
        List<Arg> args = park.call().args();
        AddressRange piece =
                AddressRange.ofLength(new Address(((Arg.Hex) args.get(0)).bits()), ((Arg.Hex) args.get(1)).bits());
        return new Region(region.id(), piece, piece, 0, region.protection());
    }

    /** Whether a place that the kernel has given to new memory is none; one that runs may have made room there. */
    Optional<String> objectionToPlace(long address, CommitGuard guard) {
        return purpose == Purpose.LAUNCH ? guard.isNotNew(placeAt(address)) : Optional.empty();
    }

    /** What remains of the steps after they were taken back. */
    Optional<String> remains(CommitGuard guard, Map<StepId, Long> results) {
        if (purpose == Purpose.UNDO) {
            return region.isWidened() && inPosition
                    ? Optional.of("all of its code is mapped, a part of it as a copy on small pages")
                    : guard.hasChanged(region.range(), region.protection());
        }
        return guard.isNotAsBefore(region, places(results));
    }

    /** Whether the target stands still, so that it can be kept from running on with what could not be taken back. */
    boolean targetStands() {
        return purpose == Purpose.LAUNCH;
    }

    /** Whether what the step has mapped is elsewhere by now: if the target runs, others may have mapped something there. */
    private boolean isVacated(Step.SyscallStep step) {
        return purpose != Purpose.LAUNCH && inPosition && step.call().name() == SyscallName.MMAP;
    }

    /** The place of this region's size at an address that the kernel has answered. */
    AddressRange placeAt(long address) {
        return AddressRange.ofLength(new Address(address), region.range().length());
    }

    /**
     * Where the steps have put new memory, or the original, apart from the region itself; none if the target runs, as it
     * may have mapped something there since.
     */
    List<AddressRange> places(Map<StepId, Long> results) {
        List<AddressRange> places = new ArrayList<>();
        if (purpose != Purpose.LAUNCH) {
            return places;
        }
        for (Step step : tried) {
            boolean isPlace = step instanceof Step.SyscallStep syscall
                    && (syscall.expect().equals(Expectation.Kind.ADDRESS) || isReservation(syscall))
                    && results.containsKey(step.id());
            if (isPlace) {
                places.add(placeAt(resultOf(step.id(), results)));
            }
        }
        return places;
    }

    /** Whether a step makes room for pieces of the original, elsewhere. */
    private boolean isReservation(Step.SyscallStep step) {
        return step.call().name() == SyscallName.MMAP
                && step.call().args().get(0) instanceof Arg.Hex place
                && !region.range().contains(new Address(place.bits()));
    }

    /** What a failed step says to people. */
    static String describe(Step step, StepResult result) {
        String what = step instanceof Step.SyscallStep syscall
                ? syscall.call().name().wireName() + " (" + syscall.why() + ")"
                : ((Step.HelperStep) step).task().wireName();
        return what + ": "
                + result.match(new StepResult.Cases<String, RuntimeException>() {
                    @Override
                    public String succeeded(StepResult.Succeeded success) {
                        return "done";
                    }

                    @Override
                    public String failed(StepResult.Failed failed) {
                        return failed.errno() + " (" + failed.errno().meaning() + ")";
                    }

                    @Override
                    public String refused(StepResult.Refused refused) {
                        return refused.reason();
                    }
                });
    }
}
