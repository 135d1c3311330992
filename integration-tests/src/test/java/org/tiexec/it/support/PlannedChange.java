package org.tiexec.it.support;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.util.Optional;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.LivePlanner;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.helper.snapshot.RegionTasks;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.swap.PlanExecutor;
import org.tiexec.tracer.swap.TargetGuard;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.target.Target;

/** The real plan for a program that is held, with the real parts that carry it out, all in this JVM. */
public final class PlannedChange implements HelperTasks, AutoCloseable {
    private final NativeLibrary library;
    private final HeldProgram program;
    private final Plan plan;
    private final Crew crew;
    private final RegionTasks tasks;

    /** Plans for {@code program}, but does nothing yet. */
    public PlannedChange(NativeLibrary library, NativeCalls helperCalls, HeldProgram program, Shape shape)
            throws Exception {
        this(library, helperCalls, program, shape.settings());
    }

    /** The same with any settings. */
    public PlannedChange(NativeLibrary library, NativeCalls helperCalls, HeldProgram program, Settings settings)
            throws Exception {
        this.library = library;
        this.program = program;
        Decision decision = new LivePlanner(new File("/")).plan(program.target().pid(), settings);
        this.plan = ((Decision.Proposed) decision).plan();
        this.crew = new Crew(helperCalls);
        this.tasks = new RegionTasks(helperCalls, crew, program.target().pid());
    }

    /**
     * What became of it.
     *
     * @param execution step by step
     * @param leftBehind what of ours is still in the program
     */
    public record Result(PlanExecutor.Execution execution, Optional<String> leftBehind) {
        /** Whether all of the code was swapped. */
        public boolean isSwapped() {
            return execution.failures().values().stream().allMatch(Optional::isEmpty);
        }
    }

    /** The plan. */
    public Plan plan() {
        return plan;
    }

    /** Validates the plan and carries it out, as a launch does, by way of these two. */
    public Result execute(Target target, HelperTasks helper) throws Exception {
        PlanValidator.validate(plan, target.pid(), program.mappings());
        try (MemoryComparison comparison = new MemoryComparison(library, target.pid())) {
            TargetGuard guard = new TargetGuard(target, comparison, program.mappings());
            RemoteSyscalls calls = RemoteSyscalls.open(target, new X8664());
            PlanExecutor.Execution execution;
            try (calls) {
                execution = new PlanExecutor(calls, helper, guard).execute(plan);
            }
            return new Result(execution, calls.remains());
        }
    }

    /** The code as it is now, beyond the regions' ends, and what else of its file is in the region. */
    public byte[] text() throws Exception {
        Region region = plan.header().regions().get(0);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(program.bytes(region.mapping()));
        for (Widened piece : region.widened()) {
            if (piece.before() == Widened.Before.READ_ONLY) {
                text.writeBytes(program.bytes(piece.range()));
            }
        }
        return text.toByteArray();
    }

    /** Does a step of the helper's. */
    @Override
    public StepResult perform(StepId id, Address to) {
        for (Step step : plan.steps()) {
            if (step instanceof Step.HelperStep task && task.id().equals(id)) {
                return tasks.perform(task.task(), region(step.region()), to);
            }
        }
        throw new IllegalArgumentException("no helper step " + id);
    }

    private Region region(RegionId id) {
        for (Region region : plan.header().regions()) {
            if (region.id().equals(id)) {
                return region;
            }
        }
        throw new IllegalArgumentException("no region " + id);
    }

    @Override
    public void close() {
        tasks.close();
        crew.close();
    }
}
