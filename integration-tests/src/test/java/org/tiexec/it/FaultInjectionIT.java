package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.LivePlanner;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.helper.snapshot.RegionTasks;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.HeldProgram;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.remote.RemoteCalls;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.session.PlanExecutor;
import org.tiexec.tracer.session.TargetGuard;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Whichever call of a plan fails, and however it fails: the program has the same bytes, protections and mappings as before,
 * and comes to its own end.
 */
@InLab
final class FaultInjectionIT {
    private static final int EXIT = 7;

    private final NativeLibrary library = NativeLibrary.load();
    private final NativeCalls helperCalls = NativeCalls.bind();

    /** One kind of program and one kind of plan. */
    record Shape(Linkage linkage, Backing backing, MethodChoice method) {
        Settings settings() {
            BackingChoice choice = backing == Backing.HUGETLB ? BackingChoice.HUGETLB : BackingChoice.THP;
            return new Settings(StrategyName.CONSERVATIVE, choice, method);
        }
    }

    /** An answer that the kernel did not give. */
    record Fault(String name, long answer) {
        static List<Fault> all() {
            List<Fault> faults = new ArrayList<>();
            for (Errno errno : List.of(Errno.ENOMEM, Errno.EINVAL, Errno.EPERM, Errno.EFAULT, Errno.EAGAIN)) {
                faults.add(new Fault(errno.toString(), -errno.number()));
            }
            faults.add(new Fault("a success that makes no sense", 1));
            faults.add(new Fault("an address where nothing is", 0x6660_0000_0000L));
            return faults;
        }
    }

    static Stream<Shape> shapes() {
        return Stream.of(Linkage.STATIC, Linkage.PIE, Linkage.NON_PIE)
                .flatMap(linkage -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of(MethodChoice.STAGED_SWAP, MethodChoice.IN_PLACE)
                                .map(method -> new Shape(linkage, backing, method))));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aCallThatFailsLeavesTheProgramAsItWas(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        int calls = callsOf(shape);
        assertThat(calls).isGreaterThanOrEqualTo(4);
        for (int call = 0; call < calls; call++) {
            for (Fault fault : Fault.all()) {
                run(shape, call, fault);
            }
        }
    }

    /** How many calls the plan makes when all goes well; the program is whole then, too. */
    private int callsOf(Shape shape) throws Exception {
        try (HeldProgram program = start(shape);
                RegionWork work = new RegionWork(shape, program)) {
            Trace trace = work.execute(-1, new Fault("none", 0));
            assertThat(trace.execution().failures().values()).containsOnly(Optional.empty());
            assertThat(work.text()).isEqualTo(work.textBefore);
            assertThat(program.finish()).isEqualTo(EXIT);
            return trace.calls();
        }
    }

    private void run(Shape shape, int call, Fault fault) throws Exception {
        String what = shape + ": " + fault.name() + " from call " + call;
        try (HeldProgram program = start(shape);
                RegionWork work = new RegionWork(shape, program)) {
            String maps = program.maps();
            Trace trace = work.execute(call, fault);
            assertThat(work.text()).as("the bytes after " + what).isEqualTo(work.textBefore);
            if (trace.execution().failures().containsValue(Optional.<String>empty())) {
                // a call that may fail, such as an advice, whose work was done without it
                assertThat(shape.backing()).as(what).isEqualTo(Backing.THP);
            } else {
                assertThat(program.maps()).as("the mappings after " + what).isEqualTo(maps);
            }
            assertThat(program.finish()).as("the status after " + what).isEqualTo(EXIT);
        }
    }

    private HeldProgram start(Shape shape) throws Exception {
        return new HeldProgram(
                library, Specimens.specimen(shape.linkage()), "mute", "check", "exit", Integer.toString(EXIT));
    }

    /** What became of a plan and how many calls it has made. */
    private record Trace(PlanExecutor.Execution execution, int calls) {}

    /** A plan for a program that is held, with everything that it takes to execute it. */
    private final class RegionWork implements HelperTasks, AutoCloseable {
        private final HeldProgram program;
        private final Plan plan;
        private final Crew crew;
        private final RegionTasks tasks;
        private final byte[] textBefore;

        RegionWork(Shape shape, HeldProgram program) throws Exception {
            this.program = program;
            Decision decision =
                    new LivePlanner(new File("/")).plan(program.target().pid(), shape.settings());
            this.plan = ((Decision.Proposed) decision).plan();
            this.crew = new Crew(helperCalls);
            this.tasks = new RegionTasks(helperCalls, crew, program.target().pid());
            this.textBefore = text();
        }

        Trace execute(int faultyCall, Fault fault) throws Exception {
            PlanValidator.validate(plan, program.target().pid(), program.mappings());
            try (MemoryComparison comparison =
                            new MemoryComparison(library, program.target().pid());
                    RemoteSyscalls calls = RemoteSyscalls.open(program.target(), new X8664())) {
                FaultyCalls faulty = new FaultyCalls(calls, faultyCall, fault.answer());
                TargetGuard guard = new TargetGuard(program.target(), comparison, program.mappings());
                PlanExecutor.Execution execution = new PlanExecutor(faulty, this, guard).execute(plan);
                assertThat(faulty.made).isGreaterThan(faultyCall);
                return new Trace(execution, faulty.made);
            }
        }

        byte[] text() throws Exception {
            AddressRange mapping = plan.header().regions().get(0).mapping();
            return program.bytes(mapping);
        }

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

    /** Answers one call itself, without making it. */
    private static final class FaultyCalls implements RemoteCalls {
        private final RemoteCalls real;
        private final int faultyCall;
        private final long answer;
        private int made;

        FaultyCalls(RemoteCalls real, int faultyCall, long answer) {
            this.real = real;
            this.faultyCall = faultyCall;
            this.answer = answer;
        }

        @Override
        public long call(SyscallName name, long... arguments) throws TargetGoneException {
            made++;
            return made - 1 == faultyCall ? answer : real.call(name, arguments);
        }
    }
}
