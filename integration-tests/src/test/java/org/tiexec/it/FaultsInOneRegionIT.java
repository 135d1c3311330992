package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.FaultyKernel;
import org.tiexec.it.support.HeldProgram;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Interposed;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.PlannedChange;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.WrongAnswer;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.SmapsParser;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.remote.Arrival;
import org.tiexec.tracer.remote.EntryPoint;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.target.Target;

/** In a plan of several regions, whatever fails in one of them: that one is as it was before, the others are done. */
@InLab
final class FaultsInOneRegionIT {
    private static final int EXIT = 7;

    /** Those by which the scratch page is made, before the first step of a plan. */
    private static final int CALLS_OF_OPENING = 2;

    private final NativeLibrary library = NativeLibrary.load();
    private final NativeCalls helperCalls = NativeCalls.bind();

    static Stream<Arguments> plans() {
        return Stream.of(Backing.values())
                .flatMap(backing -> Stream.of(MethodChoice.STAGED_SWAP, MethodChoice.IN_PLACE)
                        .map(method -> Arguments.of(backing, method)));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void aCallThatFails(Backing backing, MethodChoice method, Lab lab) throws Exception {
        lab.provide(backing);
        List<Step> calls = stepsOf(backing, method, Step.SyscallStep.class);
        assertThat(calls.stream().map(Step::region).distinct()).hasSize(2);
        Map<Verdict, Integer> tally = new EnumMap<>(Verdict.class);
        for (int call = 0; call < calls.size(); call++) {
            for (WrongAnswer answer : WrongAnswer.all()) {
                FaultyKernel kernel = new FaultyKernel(CALLS_OF_OPENING + call, answer.value());
                String what = answer.name() + " from " + calls.get(call);
                Verdict verdict = attempt(backing, method, what, calls.get(call).region(), kernel, Optional.empty());
                tally.merge(verdict, 1, Integer::sum);
            }
        }
        System.out.println(backing + " " + method + ", calls: " + tally);
        assertThat(tally).containsKey(Verdict.AS_BEFORE);
        // an advice may fail: what counts is whether the pages are huge
        assertThat(tally.containsKey(Verdict.DONE)).isEqualTo(backing == Backing.THP);
    }

    @ParameterizedTest
    @MethodSource("plans")
    void aTaskOfTheHelperThatFails(Backing backing, MethodChoice method, Lab lab) throws Exception {
        lab.provide(backing);
        for (Step task : stepsOf(backing, method, Step.HelperStep.class)) {
            Verdict verdict = attempt(
                    backing, method, "failing " + task, task.region(), FaultyKernel.without(), Optional.of(task.id()));
            assertThat(verdict).as("after " + task).isEqualTo(Verdict.AS_BEFORE);
        }
    }

    /** What became of the region in which something failed. */
    private enum Verdict {
        AS_BEFORE,
        DONE
    }

    private List<Step> stepsOf(Backing backing, MethodChoice method, Class<? extends Step> kind) throws Exception {
        try (HeldProgram program = start();
                PlannedChange change = plan(program, backing, method)) {
            return change.plan().steps().stream().filter(kind::isInstance).toList();
        }
    }

    /** At its entry point, where it has two libraries with code. */
    private HeldProgram start() throws Exception {
        HeldProgram program = new HeldProgram(library, Specimens.late());
        assertThat(EntryPoint.of(program.target(), new X8664(), Duration.ofSeconds(30))
                        .reach())
                .isEqualTo(Arrival.AT_ENTRY);
        return program;
    }

    private PlannedChange plan(HeldProgram program, Backing backing, MethodChoice method) throws Exception {
        BackingChoice choice = backing == Backing.HUGETLB ? BackingChoice.HUGETLB : BackingChoice.THP;
        return new PlannedChange(
                library,
                helperCalls,
                program,
                new Settings(Purpose.LAUNCH, Targets.LIBRARIES, StrategyName.CONSERVATIVE, choice, method));
    }

    private Verdict attempt(
            Backing backing,
            MethodChoice method,
            String what,
            RegionId faulty,
            FaultyKernel kernel,
            Optional<StepId> failingTask)
            throws Exception {
        try (HeldProgram program = start();
                PlannedChange change = plan(program, backing, method)) {
            List<Region> regions = change.plan().header().regions();
            List<byte[]> before = bytes(program, regions);
            List<String> layout = program.layout();
            HelperTasks helper = (step, to) -> failingTask.equals(Optional.of(step))
                    ? new StepResult.Failed(Errno.EFAULT)
                    : change.perform(step, to);
            PlannedChange.Result result = change.execute(
                    Interposed.between(
                            Target.class,
                            program.target(),
                            (called, arguments) -> kernel.before(program, called.getName())),
                    helper);

            List<byte[]> after = bytes(program, regions);
            Verdict verdict = Verdict.DONE;
            for (int i = 0; i < regions.size(); i++) {
                Region region = regions.get(i);
                assertThat(Arrays.equals(after.get(i), before.get(i)))
                        .as("the same bytes in " + region.id() + " after " + what)
                        .isTrue();
                boolean failed = result.execution()
                        .failures()
                        .getOrDefault(region.id(), Optional.empty())
                        .isPresent();
                if (failed) {
                    verdict = Verdict.AS_BEFORE;
                    assertThat(region.id()).as("what fails by " + what).isEqualTo(faulty);
                    assertThat(linesOf(region.mapping(), program.layout()))
                            .as("the mapping of " + region.id() + " after " + what)
                            .isEqualTo(linesOf(region.mapping(), layout));
                } else {
                    List<MappedPages> pages = SmapsParser.parse(program.target().procFile("smaps"), region.range());
                    assertThat(MappedPages.areWhollyHuge(pages, region.range()))
                            .as(region.id() + " on huge pages after " + what)
                            .isTrue();
                }
            }
            assertThat(program.finish()).as("the status after " + what).isEqualTo(EXIT);
            return verdict;
        }
    }

    private static List<byte[]> bytes(HeldProgram program, List<Region> regions) throws Exception {
        List<byte[]> bytes = new ArrayList<>();
        for (Region region : regions) {
            bytes.add(program.bytes(region.mapping()));
        }
        return bytes;
    }

    private static List<String> linesOf(AddressRange range, List<String> layout) {
        return layout.stream().filter(text -> overlaps(range, text)).toList();
    }

    private static boolean overlaps(AddressRange range, String text) {
        String[] ends = text.substring(0, text.indexOf(' ')).split("-", -1);
        Address start = new Address(Long.parseUnsignedLong(ends[0], 16));
        Address end = new Address(Long.parseUnsignedLong(ends[1], 16));
        return start.isBelow(range.end()) && range.start().isBelow(end);
    }
}
