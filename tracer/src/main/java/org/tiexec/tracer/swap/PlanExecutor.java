package org.tiexec.tracer.swap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepOutcome;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.Call;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.remote.RemoteCalls;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Executes a validated plan step by step.
 *
 * <p>A step that fails takes its region back to where it was, by the undo calls of its earlier steps in reverse order;
 * the other regions go on. New memory takes the place of the original only if the {@link CommitGuard} agrees. While the
 * helper works or the guard looks, the target may run if it can be held again.
 */
public final class PlanExecutor
        implements Step.Cases<StepResult, TargetGoneException>, Arg.Cases<Long, RuntimeException> {
    private final RemoteCalls calls;
    private final HelperTasks helper;
    private final CommitGuard guard;
    private final Map<StepId, Long> results = new HashMap<>();
    private final Map<RegionId, RegionProgress> progress = new LinkedHashMap<>();
    private final List<StepOutcome> outcomes = new ArrayList<>();
    private final List<StepOutcome> undone = new ArrayList<>();

    /** Executes one plan through these three; a new plan needs a new executor. */
    public PlanExecutor(RemoteCalls calls, HelperTasks helper, CommitGuard guard) {
        this.calls = calls;
        this.helper = helper;
        this.guard = guard;
    }

    /**
     * Does the whole plan.
     *
     * @param plan which has passed the validator
     * @throws TargetGoneException if the target ended meanwhile
     * @throws RollbackFailedException if a region of a target that stands still could not be taken back; it must not run
     *     on. One that runs has all of its code where it was, and what remains is told with the region's failure
     */
    public Execution execute(Plan plan) throws TargetGoneException, RollbackFailedException {
        for (Region region : plan.header().regions()) {
            progress.put(region.id(), new RegionProgress(region, plan.header().purpose()));
        }
        for (Step step : plan.steps()) {
            RegionProgress region = progressOf(step);
            if (region.failure().isPresent()) {
                continue;
            }
            long before = System.nanoTime();
            StepResult result = step.match(this);
            outcomes.add(new StepOutcome(step.id(), result, System.nanoTime() - before));
            region.add(step, result.isSuccess());
            if (!result.isSuccess()) {
                region.fail(RegionProgress.describe(step, result));
                takeBack(region);
            }
        }
        Map<RegionId, Optional<String>> failures = new LinkedHashMap<>();
        for (RegionProgress region : progress.values()) {
            failures.put(region.region().id(), region.failure());
        }
        return new Execution(outcomes, undone, failures);
    }

    private RegionProgress progressOf(Step step) {
        RegionProgress region = progress.get(step.region());
        if (region == null) {
            throw new IllegalArgumentException("step " + step.id() + " of an unknown region: not validated");
        }
        return region;
    }

    @Override
    public StepResult helper(Step.HelperStep step) {
        calls.letRun();
        try {
            return helper.perform(step.id(), new Address(value(step.to())));
        } catch (HelperFailedException e) {
            return new StepResult.Refused(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public StepResult syscall(Step.SyscallStep step) throws TargetGoneException {
        RegionProgress region = progressOf(step);
        if (region.isLookedInto(step)) {
            calls.letRun();
        }
        Optional<String> objection = region.objectionTo(step, guard, results);
        if (objection.isPresent()) {
            return new StepResult.Refused(objection.get());
        }
        long value = make(step.call());
        if (step.expect().accepts(value)) {
            Optional<String> taken = step.expect().equals(Expectation.Kind.ADDRESS)
                    ? region.objectionToPlace(value, guard)
                    : Optional.empty();
            if (taken.isPresent()) {
                return new StepResult.Refused(taken.get());
            }
            results.put(step.id(), value);
            return new StepResult.Succeeded(value);
        }
        if (Errno.isError(value)) {
            return new StepResult.Failed(Errno.ofRawResult(value));
        }
        return new StepResult.Refused("the kernel answered " + Address.hex(value) + " where "
                + step.expect().wireName() + " was expected");
    }

    /** Tries every undo, whatever became of the others; whether they were enough is for the mappings to tell. */
    private void takeBack(RegionProgress region) throws TargetGoneException, RollbackFailedException {
        StringBuilder failures = new StringBuilder();
        for (Step.SyscallStep change : region.changesToUndo(results)) {
            Optional<String> objection = region.objectionToMovingBack(change, guard, results);
            if (objection.isPresent()) {
                undone.add(new StepOutcome(change.id(), new StepResult.Refused(objection.get()), 0));
                failures.append("; step ")
                        .append(change.id())
                        .append(" could not be undone: ")
                        .append(objection.get());
                continue;
            }
            Call undo = change.undo().orElseThrow();
            long before = System.nanoTime();
            long value = make(undo);
            StepResult result = Errno.isError(value)
                    ? new StepResult.Failed(Errno.ofRawResult(value))
                    : new StepResult.Succeeded(value);
            undone.add(new StepOutcome(change.id(), result, System.nanoTime() - before));
            if (!result.isSuccess()) {
                failures.append("; step ").append(change.id()).append(" could not be undone by ");
                failures.append(undo.name().wireName()).append(": ").append(Errno.ofRawResult(value));
            }
        }
        Optional<String> remains = region.remains(guard, results);
        if (!region.targetStands()) {
            if (remains.isPresent() || failures.length() > 0) {
                region.fail(region.failure().orElse("") + "; " + remains.orElse("of the new memory something is left")
                        + failures);
            }
            return;
        }
        if (remains.isPresent()) {
            throw new RollbackFailedException("region " + region.region().range() + ": " + remains.get() + failures);
        }
    }

    private long make(Call call) throws TargetGoneException {
        long[] arguments = new long[call.args().size()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = value(call.args().get(i));
        }
        return calls.call(call.name(), arguments);
    }

    private long value(Arg arg) {
        return arg.match(this);
    }

    @Override
    public Long hex(Arg.Hex arg) {
        return arg.bits();
    }

    @Override
    public Long number(Arg.Number arg) {
        return arg.value();
    }

    @Override
    public Long symbols(Arg.Symbols arg) {
        return arg.value();
    }

    @Override
    public Long resultOf(Arg.ResultOf arg) {
        Long result = results.get(arg.step());
        if (result == null) {
            throw new IllegalArgumentException("no result of step " + arg.step() + ": not validated");
        }
        return result;
    }

    /**
     * What became of a plan.
     *
     * @param steps each step that was tried
     * @param undone each undo that was made
     * @param failures for each region why it stayed as it was, or empty
     */
    public record Execution(
            List<StepOutcome> steps, List<StepOutcome> undone, Map<RegionId, Optional<String>> failures) {
        /** Takes copies. */
        public Execution {
            steps = List.copyOf(steps);
            undone = List.copyOf(undone);
            failures = new LinkedHashMap<>(failures);
        }
    }
}
