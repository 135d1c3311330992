package org.tiexec.tracer.swap;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;

/** How far one region has come. */
final class RegionProgress {
    private final Region region;
    private final List<Step> tried = new ArrayList<>();
    private Optional<StepId> park = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private boolean compared;

    RegionProgress(Region region) {
        this.region = region;
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

    void add(Step step) {
        tried.add(step);
        boolean parks = step instanceof Step.SyscallStep syscall
                && syscall.call().name() == SyscallName.MREMAP
                && syscall.undo().isPresent();
        if (parks) {
            park = Optional.of(step.id());
        }
    }

    /**
     * Why a step must not be done now: before a stage is moved over the region, and before the parked original is
     * dropped, the new memory must be wholly huge and equal to the original; before new memory is mapped over the region,
     * the original must be parked.
     */
    Optional<String> objectionTo(Step.SyscallStep step, CommitGuard guard, Map<StepId, Long> results) {
        if (park.isEmpty()) {
            return Optional.empty();
        }
        Address original = new Address(resultOf(park.get(), results));
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
                    && results.containsKey(step.id())) {
                changes.add(syscall);
            }
        }
        Collections.reverse(changes);
        return changes;
    }

    /** The place of this region's size at an address that the kernel has answered. */
    AddressRange placeAt(long address) {
        return AddressRange.ofLength(new Address(address), region.range().length());
    }

    /** Where the steps have put new memory, or the original, apart from the region itself. */
    List<AddressRange> places(Map<StepId, Long> results) {
        List<AddressRange> places = new ArrayList<>();
        for (Step step : tried) {
            boolean isPlace = step instanceof Step.SyscallStep syscall
                    && syscall.expect().equals(Expectation.Kind.ADDRESS)
                    && results.containsKey(step.id());
            if (isPlace) {
                places.add(placeAt(resultOf(step.id(), results)));
            }
        }
        return places;
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
