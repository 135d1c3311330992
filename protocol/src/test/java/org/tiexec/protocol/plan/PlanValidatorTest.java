package org.tiexec.protocol.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;

/** What the tracer lets happen to a process, whoever wrote the plan. */
final class PlanValidatorTest {
    private static final Region FIRST = SamplePlans.FIRST;
    private static final Region SECOND = SamplePlans.SECOND;
    private static final Plan STAGED_HUGETLB = SamplePlans.plan(MethodName.STAGED_SWAP, BackingName.HUGETLB, FIRST);
    private static final Plan STAGED_THP = SamplePlans.plan(MethodName.STAGED_SWAP, BackingName.THP, FIRST);
    private static final Plan IN_PLACE_HUGETLB = SamplePlans.plan(MethodName.IN_PLACE, BackingName.HUGETLB, FIRST);
    private static final Plan IN_PLACE_THP = SamplePlans.plan(MethodName.IN_PLACE, BackingName.THP, FIRST);

    private static final Plan ATTACH_HUGETLB = SamplePlans.attach(BackingName.HUGETLB, FIRST);
    private static final Plan ATTACH_THP = SamplePlans.attach(BackingName.THP, FIRST);
    private static final Plan UNDO = SamplePlans.undo(SamplePlans.THIRD);

    private static void validate(Plan plan) throws PlanRejectedException {
        PlanValidator.validate(plan, SamplePlans.PID, SamplePlans.MAPPINGS);
    }

    private static Optional<String> reasonAgainst(Plan plan) {
        try {
            validate(plan);
            return Optional.empty();
        } catch (PlanRejectedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Plan withSteps(Plan plan, List<Step> steps) {
        return new Plan(plan.header(), steps);
    }

    private static Plan withStep(Plan plan, int index, Step step) {
        List<Step> steps = new ArrayList<>(plan.steps());
        steps.set(index, step);
        return withSteps(plan, steps);
    }

    private static Step named(Step step, String id) {
        return step.match(new Step.Cases<Step, RuntimeException>() {
            @Override
            public Step syscall(Step.SyscallStep s) {
                return new Step.SyscallStep(new StepId(id), s.region(), s.call(), s.expect(), s.undo(), s.why());
            }

            @Override
            public Step helper(Step.HelperStep s) {
                return new Step.HelperStep(new StepId(id), s.region(), s.task(), s.to());
            }
        });
    }

    // ---- plans that pass

    static Stream<Plan> validPlans() {
        return SamplePlans.all().stream();
    }

    @ParameterizedTest
    @MethodSource("validPlans")
    void plansOfEveryShapePass(Plan plan) {
        assertThatCode(() -> validate(plan)).doesNotThrowAnyException();
    }

    @Test
    void theStepsOfSeveralRegionsMayAlternate() {
        Plan both = SamplePlans.plan(MethodName.STAGED_SWAP, BackingName.THP, FIRST, SECOND);
        int half = both.steps().size() / 2;
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < half; i++) {
            steps.add(both.steps().get(i));
            steps.add(both.steps().get(half + i));
        }
        assertThat(reasonAgainst(withSteps(both, steps))).isEmpty();
    }

    @Test
    void aStagedSwapMayTakeASnapshotAndVerifyAgainstIt() {
        List<Step> steps = new ArrayList<>(STAGED_HUGETLB.steps());
        steps.add(
                0,
                SamplePlans.helper(
                        "snap", FIRST, HelperTask.SNAPSHOT, Arg.at(FIRST.range().start())));
        steps.add(3, SamplePlans.helper("check", FIRST, HelperTask.VERIFY, new Arg.ResultOf(new StepId("r1-stage"))));
        assertThat(reasonAgainst(withSteps(STAGED_HUGETLB, steps))).isEmpty();
    }

    @Test
    void aStagedSwapMayFillAfterTheParkOnlyFromASnapshot() {
        List<Step> steps = new ArrayList<>(STAGED_HUGETLB.steps());
        steps.add(1, steps.remove(3));
        assertThat(steps.get(1).id()).hasToString("r1-park");
        assertThat(reasonAgainst(withSteps(STAGED_HUGETLB, steps)))
                .contains("plan rejected at step r1-fill: new memory is filled before the original is parked, "
                        + "or from a snapshot");

        steps.add(
                0,
                SamplePlans.helper(
                        "snap", FIRST, HelperTask.SNAPSHOT, Arg.at(FIRST.range().start())));
        assertThat(reasonAgainst(withSteps(STAGED_HUGETLB, steps))).isEmpty();
    }

    // ---- every field of every step

    static Stream<Arguments> everyFieldOfAValidPlan() {
        Set<String> staged = Set.of(
                "r1-stage call args[0] 0x0",
                "r1-stage call args[0] 0x10000400000",
                "r1-stage call args[0] 0x10000800000",
                "r1-stage call args[0] 0x40000000",
                "r1-stage call args[0] 0x600000",
                "r1-stage call args[0] 0x8000000000000000",
                "r1-fill id fresh",
                "r1-protect id fresh",
                "r1-swap id fresh",
                "r1-drop id fresh",
                "r1-drop expect any");
        Set<String> inPlace = Set.of(
                "r1-snapshot id fresh",
                "r1-map id fresh",
                "r1-fill id fresh",
                "r1-verify id fresh",
                "r1-protect id fresh",
                "r1-drop id fresh",
                "r1-drop expect any");
        Set<String> hints = Set.of(
                "r1-park call args[4] 0x0",
                "r1-park call args[4] 0x20000400000",
                "r1-park call args[4] 0x200005ff000",
                "r1-park call args[4] 0x20000601000",
                "r1-park call args[4] 0x20000800000",
                "r1-park call args[4] 0x40000000",
                "r1-park call args[4] 0xd00000",
                "r1-park call args[4] 0x8000000000000000");
        Set<String> thp = Set.of(
                "r1-advise id fresh",
                "r1-advise expect zero",
                "r1-advise call args[2] [MADV_COLLAPSE]",
                "r1-collapse id fresh",
                "r1-collapse expect zero",
                "r1-collapse call args[2] [MADV_HUGEPAGE]");
        Set<String> attach = Set.of(
                "r1-withhold id fresh",
                "r1-share id fresh",
                "r1-fill id fresh",
                "r1-protect id fresh",
                "r1-verify id fresh",
                "r1-swap id fresh",
                "r1-close id fresh");
        return Stream.of(
                arguments("staged-swap hugetlb", STAGED_HUGETLB, union(staged, hints)),
                arguments("staged-swap thp", STAGED_THP, union(staged, hints, thp)),
                arguments("in-place hugetlb", IN_PLACE_HUGETLB, union(inPlace, hints)),
                arguments("in-place thp", IN_PLACE_THP, union(inPlace, hints, thp)),
                arguments("attach hugetlb", ATTACH_HUGETLB, attach),
                arguments(
                        "attach thp",
                        ATTACH_THP,
                        union(
                                attach,
                                Set.of(
                                        "r1-advise id fresh",
                                        "r1-advise expect zero",
                                        "r1-collapse id fresh",
                                        "r1-collapse expect zero"))),
                arguments("undo", UNDO, Set.of("r3-open id fresh", "r3-verify id fresh", "r3-return id fresh")));
    }

    @SafeVarargs
    private static Set<String> union(Set<String>... sets) {
        Set<String> all = new TreeSet<>();
        for (Set<String> set : sets) {
            all.addAll(set);
        }
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyFieldOfAValidPlan")
    void anyFieldThatDeviatesIsRefusedSaveTheFewThatDoNotMatter(String shape, Plan plan, Set<String> harmless) {
        Set<String> accepted = new TreeSet<>();
        int tried = 0;
        for (int i = 0; i < plan.steps().size(); i++) {
            Step original = plan.steps().get(i);
            for (Map.Entry<String, Step> mutation :
                    StepMutations.of(original, plan).entrySet()) {
                String what = original.id() + " " + mutation.getKey();
                Optional<String> reason = reasonAgainst(withStep(plan, i, mutation.getValue()));
                tried++;
                if (reason.isEmpty()) {
                    accepted.add(what);
                } else if (!mutation.getKey().startsWith("id ")
                        && !mutation.getKey().startsWith("task ")) {
                    assertThat(reason.get()).as(what).startsWith("plan rejected at step " + original.id() + ": ");
                } else {
                    assertThat(reason.get()).as(what).startsWith("plan rejected at step ");
                }
            }
        }
        assertThat(accepted).as(shape).isEqualTo(new TreeSet<>(harmless));
        assertThat(tried).isGreaterThan(80 * plan.steps().size());
    }

    @Test
    void aStepCannotBeMovedToAnotherRegionOrTakeAnotherRegionsMemory() {
        for (Plan plan : List.of(
                SamplePlans.plan(MethodName.STAGED_SWAP, BackingName.HUGETLB, FIRST, SECOND),
                SamplePlans.plan(MethodName.IN_PLACE, BackingName.HUGETLB, FIRST, SECOND),
                SamplePlans.attach(BackingName.HUGETLB, FIRST, SECOND),
                SamplePlans.undo(SamplePlans.THIRD, SamplePlans.FOURTH))) {
            for (int i = 0; i < plan.steps().size(); i++) {
                Step original = plan.steps().get(i);
                for (Map.Entry<String, Step> mutation :
                        StepMutations.of(original, plan).entrySet()) {
                    boolean foreign = mutation.getKey().startsWith("region ")
                            || mutation.getKey().contains("result of ");
                    if (foreign) {
                        assertThat(reasonAgainst(withStep(plan, i, mutation.getValue())))
                                .as(original.id() + " " + mutation.getKey())
                                .hasValueSatisfying(reason ->
                                        assertThat(reason).startsWith("plan rejected at step " + original.id() + ": "));
                    }
                }
            }
        }
    }

    // ---- the order of steps

    static Stream<Arguments> everyStepOfAValidPlan() {
        return Stream.of(
                arguments("staged-swap hugetlb", STAGED_HUGETLB, Set.of("twice r1-fill", "r1-protect after r1-park")),
                arguments(
                        "staged-swap thp",
                        STAGED_THP,
                        Set.of(
                                "without r1-advise",
                                "without r1-collapse",
                                "twice r1-advise",
                                "twice r1-fill",
                                "twice r1-collapse",
                                "r1-advise after r1-fill",
                                "r1-fill after r1-collapse",
                                "r1-collapse after r1-protect",
                                "r1-protect after r1-park")),
                arguments(
                        "in-place hugetlb",
                        IN_PLACE_HUGETLB,
                        Set.of("twice r1-snapshot", "twice r1-fill", "twice r1-verify", "r1-verify after r1-protect")),
                arguments(
                        "in-place thp",
                        IN_PLACE_THP,
                        Set.of(
                                "without r1-advise",
                                "without r1-collapse",
                                "twice r1-snapshot",
                                "twice r1-advise",
                                "twice r1-fill",
                                "twice r1-collapse",
                                "twice r1-verify",
                                "r1-advise after r1-fill",
                                "r1-fill after r1-collapse",
                                "r1-collapse after r1-verify",
                                "r1-verify after r1-protect")),
                arguments("attach hugetlb", ATTACH_HUGETLB, Set.of()),
                arguments("attach thp", ATTACH_THP, Set.of()),
                arguments("undo", UNDO, Set.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyStepOfAValidPlan")
    void stepsThatAreMissingOrRepeatedOrSwappedAreRefusedSaveWhereTheOrderDoesNotMatter(
            String shape, Plan plan, Set<String> harmless) {
        Set<String> accepted = new TreeSet<>();
        for (int i = 0; i < plan.steps().size(); i++) {
            Step step = plan.steps().get(i);
            List<Step> without = new ArrayList<>(plan.steps());
            without.remove(i);
            collect(accepted, "without " + step.id(), withSteps(plan, without));

            List<Step> twice = new ArrayList<>(plan.steps());
            twice.add(i + 1, named(step, "again"));
            collect(accepted, "twice " + step.id(), withSteps(plan, twice));

            if (i > 0) {
                List<Step> swapped = new ArrayList<>(plan.steps());
                Collections.swap(swapped, i - 1, i);
                collect(accepted, plan.steps().get(i - 1).id() + " after " + step.id(), withSteps(plan, swapped));
            }
        }
        assertThat(accepted).as(shape).isEqualTo(new TreeSet<>(harmless));
    }

    private static void collect(Set<String> accepted, String what, Plan plan) {
        Optional<String> reason = reasonAgainst(plan);
        if (reason.isEmpty()) {
            accepted.add(what);
        } else {
            assertThat(reason.get()).as(what).matches("plan rejected at (step|region) [A-Za-z0-9-]+: .+");
        }
    }

    @ParameterizedTest
    @MethodSource("validPlans")
    void aPlanThatEndsHalfWayIsRefusedWhereverItEnds(Plan plan) {
        for (int length = 0; length < plan.steps().size(); length++) {
            assertThat(reasonAgainst(withSteps(plan, plan.steps().subList(0, length))))
                    .as("the first " + length + " steps")
                    .hasValueSatisfying(reason ->
                            assertThat(reason).matches("plan rejected at region r[1-4]: its steps stop half way"));
        }
    }

    @ParameterizedTest
    @MethodSource("validPlans")
    void nothingMayFollowOnceARegionIsComplete(Plan plan) {
        for (Step step : plan.steps()) {
            List<Step> steps = new ArrayList<>(plan.steps());
            steps.add(named(step, "late"));
            assertThat(reasonAgainst(withSteps(plan, steps)))
                    .contains("plan rejected at step late: region " + step.region() + " is already complete");
        }
    }

    static Stream<Arguments> wrongOrders() {
        return Stream.of(
                arguments(
                        "no park",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-protect r1-swap r1-drop",
                        "step r1-swap: the stage is moved once, after it was filled and protected and the original"
                                + " parked"),
                arguments(
                        "not filled",
                        STAGED_HUGETLB,
                        "r1-stage r1-protect",
                        "step r1-protect: new memory is protected once, after it was filled"),
                arguments(
                        "fill after protect",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-protect r1-fill",
                        "step again: only new memory that is still writable is filled"),
                arguments(
                        "fill before there is a stage",
                        STAGED_HUGETLB,
                        "r1-fill",
                        "step r1-fill: only new memory that is still writable is filled"),
                arguments(
                        "swapped while still writable",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-park r1-swap",
                        "step r1-swap: the stage is moved once, after it was filled and protected and the original"
                                + " parked"),
                arguments(
                        "swapped twice",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-protect r1-park r1-swap r1-swap",
                        "step again: the stage is moved once, after it was filled and protected and the original"
                                + " parked"),
                arguments(
                        "a second stage",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-protect r1-park r1-swap r1-stage",
                        "step again: new memory was already mapped"),
                arguments(
                        "parked twice",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-protect r1-park r1-park",
                        "step again: the original is parked once, whole, by MREMAP_DONTUNMAP, and undone by moving it"
                                + " back"),
                arguments(
                        "park dropped before the swap",
                        STAGED_HUGETLB,
                        "r1-stage r1-fill r1-protect r1-park r1-drop",
                        "step r1-drop: munmap may only drop the park, after the new memory is in position"),
                arguments(
                        "drop of nothing",
                        STAGED_HUGETLB,
                        "r1-drop",
                        "step r1-drop: munmap may only drop the park, after the new memory is in position"),
                arguments(
                        "madvise of nothing",
                        STAGED_THP,
                        "r1-advise",
                        "step r1-advise: madvise may only make the whole new memory huge"),
                arguments(
                        "madvise after the swap",
                        STAGED_THP,
                        "r1-stage r1-fill r1-protect r1-park r1-swap r1-collapse",
                        "step r1-collapse: madvise may only make the whole new memory huge"),
                arguments(
                        "mapped over without a snapshot",
                        IN_PLACE_HUGETLB,
                        "r1-park r1-map",
                        "step r1-map: MAP_FIXED only over the region itself, after snapshot and park"),
                arguments(
                        "mapped over without a park",
                        IN_PLACE_HUGETLB,
                        "r1-snapshot r1-map",
                        "step r1-map: MAP_FIXED only over the region itself, after snapshot and park"),
                arguments(
                        "mapped over twice",
                        IN_PLACE_HUGETLB,
                        "r1-snapshot r1-park r1-map r1-map",
                        "step again: new memory was already mapped"),
                arguments(
                        "snapshot of what was parked",
                        IN_PLACE_HUGETLB,
                        "r1-park r1-snapshot",
                        "step r1-snapshot: a snapshot is taken of the whole region before it is parked"),
                arguments(
                        "verified before it was filled",
                        IN_PLACE_HUGETLB,
                        "r1-snapshot r1-park r1-map r1-verify",
                        "step r1-verify: only filled memory is verified, against a snapshot"),
                arguments(
                        "dropped without being verified",
                        IN_PLACE_HUGETLB,
                        "r1-snapshot r1-park r1-map r1-fill r1-protect r1-drop",
                        "step r1-drop: munmap may only drop the park, after the new memory is in position"),
                arguments(
                        "filled again after it was verified",
                        IN_PLACE_HUGETLB,
                        "r1-snapshot r1-park r1-map r1-fill r1-verify r1-fill r1-protect r1-drop",
                        "step r1-drop: munmap may only drop the park, after the new memory is in position"),
                arguments(
                        "left writable",
                        IN_PLACE_HUGETLB,
                        "r1-snapshot r1-park r1-map r1-fill r1-verify r1-drop",
                        "step r1-drop: munmap may only drop the park, after the new memory is in position"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongOrders")
    void wrongOrdersAreRefusedWithTheStepAndTheRule(String what, Plan plan, String ids, String reason) {
        List<Step> steps = new ArrayList<>();
        for (String id : ids.split(" ", -1)) {
            Step step = plan.steps().stream()
                    .filter(candidate -> candidate.id().text().equals(id))
                    .findFirst()
                    .orElseThrow();
            steps.add(steps.contains(step) ? named(step, "again") : step);
        }
        assertThat(reasonAgainst(withSteps(plan, steps))).as(what).contains("plan rejected at " + reason);
    }

    @Test
    void aStepNameIsUsedOnce() {
        List<Step> steps = new ArrayList<>(STAGED_HUGETLB.steps());
        steps.add(2, steps.get(1));
        assertThat(reasonAgainst(withSteps(STAGED_HUGETLB, steps)))
                .contains("plan rejected at step r1-fill: the name is used twice");
    }

    @Test
    void oneMethodAndOneBackingHoldForTheWholePlan() {
        for (Plan plan : List.of(STAGED_HUGETLB, STAGED_THP, IN_PLACE_HUGETLB, IN_PLACE_THP)) {
            for (MethodName method : MethodName.values()) {
                for (BackingName backing : BackingName.values()) {
                    boolean same = method == plan.header().method()
                            && backing == plan.header().backing();
                    Plan other = new Plan(SamplePlans.header(method, backing, List.of(FIRST)), plan.steps());
                    assertThat(reasonAgainst(other).isEmpty()).isEqualTo(same);
                }
            }
        }
    }

    // ---- the header

    private static UnaryOperator<PlanHeader> regions(Region... regions) {
        return h -> new PlanHeader(
                h.pid(),
                h.exe(),
                h.arch(),
                h.strategy(),
                h.backing(),
                h.method(),
                Arrays.asList(regions),
                h.notes(),
                h.host());
    }

    private static UnaryOperator<PlanHeader> oneRegion(
            String start, String length, String mappingStart, String mappingLength, String fileOffset) {
        return regions(SamplePlans.region("r1", start, length, mappingStart, mappingLength, fileOffset));
    }

    private static UnaryOperator<PlanHeader> pid(int pid) {
        return h -> new PlanHeader(
                pid, h.exe(), h.arch(), h.strategy(), h.backing(), h.method(), h.regions(), h.notes(), h.host());
    }

    static Stream<Arguments> wrongHeaders() {
        String noMapping = "region r1: the process has no mapping ";
        return Stream.of(
                arguments("another process", pid(4243), "header: made for process 4243, not 4242"),
                arguments("a prediction", pid(0), "header: made for process 0, not 4242"),
                arguments("no region", regions(), "header: no region"),
                arguments("a region twice", regions(FIRST, FIRST), "region r1: overlaps another"),
                arguments(
                        "a name twice",
                        regions(
                                FIRST,
                                new Region(FIRST.id(), SECOND.range(), SECOND.mapping(), 0, SECOND.protection())),
                        "region r1: declared twice"),
                arguments(
                        "overlapping regions",
                        regions(
                                FIRST,
                                SamplePlans.region("r3", "0x800000", "0x200000", "0x5ff000", "0x611000", "0x400000")),
                        "region r3: overlaps another"),
                arguments(
                        "start not aligned",
                        oneRegion("0x601000", "0x5ff000", "0x5ff000", "0x611000", "0x201000"),
                        "region r1: 0x601000-0xc00000 is not aligned to 2 MiB"),
                arguments(
                        "end not aligned",
                        oneRegion("0x600000", "0x5ff000", "0x5ff000", "0x611000", "0x200000"),
                        "region r1: 0x600000-0xbff000 is not aligned to 2 MiB"),
                arguments(
                        "no such mapping",
                        oneRegion("0x9000000", "0x200000", "0x9000000", "0x200000", "0x0"),
                        noMapping + "0x9000000-0x9200000"),
                arguments(
                        "a mapping that has grown",
                        oneRegion("0x600000", "0x600000", "0x5ff000", "0x612000", "0x200000"),
                        noMapping + "0x5ff000-0xc11000"),
                arguments(
                        "a part of a mapping",
                        oneRegion("0x600000", "0x600000", "0x600000", "0x610000", "0x200000"),
                        noMapping + "0x600000-0xc10000"),
                arguments(
                        "across two mappings",
                        oneRegion("0x7f0000200000", "0x800000", "0x7f0000200000", "0x800000", "0x0"),
                        noMapping + "0x7f0000200000-0x7f0000a00000"),
                arguments(
                        "the heap",
                        oneRegion("0xe00000", "0x600000", "0xe00000", "0x600000", "0x0"),
                        "region r1: the mapping is not private read-only file code: rw-"),
                arguments(
                        "shared code",
                        oneRegion("0x2000000", "0x400000", "0x2000000", "0x400000", "0x0"),
                        "region r1: the mapping is not private read-only file code: r-x"),
                arguments(
                        "writable code",
                        oneRegion("0x3000000", "0x400000", "0x3000000", "0x400000", "0x0"),
                        "region r1: the mapping is not private read-only file code: rwx"),
                arguments(
                        "code without a file",
                        oneRegion("0x4000000", "0x400000", "0x4000000", "0x400000", "0x0"),
                        "region r1: the mapping is not private read-only file code: r-x"),
                arguments(
                        "code that cannot be read",
                        oneRegion("0x5000000", "0x400000", "0x5000000", "0x400000", "0x0"),
                        "region r1: the mapping is not private read-only file code: --x"),
                arguments(
                        "more rights than before",
                        regions(new Region(
                                FIRST.id(),
                                FIRST.range(),
                                FIRST.mapping(),
                                FIRST.fileOffset(),
                                Protection.parse("rwx"))),
                        "region r1: the protection differs"),
                arguments(
                        "fewer rights than before",
                        regions(new Region(
                                FIRST.id(), FIRST.range(), FIRST.mapping(), FIRST.fileOffset(), Protection.READ)),
                        "region r1: the protection differs"),
                arguments(
                        "another place in the file",
                        oneRegion("0x600000", "0x600000", "0x5ff000", "0x611000", "0x1ff000"),
                        "region r1: the file offset differs"),
                arguments("an undeclared region", regions(SECOND), "step r1-stage: region r1 is not declared"),
                arguments("a region without steps", regions(FIRST, SECOND), "region r2: its steps stop half way"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongHeaders")
    void headersThatDoNotFitTheProcessAreRefused(String what, UnaryOperator<PlanHeader> mutation, String reason) {
        Plan plan = new Plan(mutation.apply(STAGED_HUGETLB.header()), STAGED_HUGETLB.steps());
        assertThat(reasonAgainst(plan)).as(what).contains("plan rejected at " + reason);
    }

    @Test
    void theMappingsAreThoseThatTheCallerHasRead() {
        assertThatThrownBy(() -> PlanValidator.validate(STAGED_HUGETLB, SamplePlans.PID, List.of()))
                .isInstanceOf(PlanRejectedException.class)
                .hasMessage("plan rejected at region r1: the process has no mapping 0x5ff000-0xc10000");
    }

    @Test
    void aRegionLiesInsideItsMapping() {
        assertThatThrownBy(() -> SamplePlans.region("r1", "0x400000", "0x800000", "0x5ff000", "0x611000", "0x0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("region 0x400000-0xc00000 is not inside its mapping 0x5ff000-0xc10000");
    }

    @Test
    void whatIsOnlyForPeopleIsNotJudged() {
        PlanHeader h = STAGED_HUGETLB.header();
        PlanHeader other = new PlanHeader(
                h.pid(),
                "",
                "",
                h.strategy(),
                h.backing(),
                h.method(),
                h.regions(),
                List.of(),
                new HostFacts("", "", 0, 0, 0, 0));
        assertThat(reasonAgainst(new Plan(other, STAGED_HUGETLB.steps()))).isEmpty();
    }

    // ---- processes that run

    private static final Region THIRD = SamplePlans.THIRD;

    private static Optional<String> reasonAgainst(Plan plan, List<Mapping> mappings) {
        try {
            PlanValidator.validate(plan, SamplePlans.PID, mappings);
            return Optional.empty();
        } catch (PlanRejectedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The sample's mappings, the one at {@code start} with another one in its place. */
    private static List<Mapping> with(String start, Mapping... others) {
        List<Mapping> mappings = new ArrayList<>();
        for (Mapping mapping : SamplePlans.MAPPINGS) {
            if (mapping.range().start().equals(Address.parse(start))) {
                mappings.addAll(Arrays.asList(others));
            } else {
                mappings.add(mapping);
            }
        }
        return mappings;
    }

    private static Mapping mapping(String start, long length, String rights, long offset, long inode, String name) {
        return new Mapping(
                AddressRange.ofLength(Address.parse(start), length),
                Protection.parse(rights),
                rights.endsWith("s"),
                offset,
                "fe:00",
                inode,
                name);
    }

    @Test
    void aPlanOfOnePurposeIsNoPlanOfAnother() {
        for (Plan plan : List.of(STAGED_HUGETLB, ATTACH_HUGETLB, UNDO)) {
            for (Purpose purpose : Purpose.values()) {
                PlanHeader header = SamplePlans.header(
                        purpose,
                        MethodName.STAGED_SWAP,
                        BackingName.HUGETLB,
                        plan.header().regions());
                assertThat(reasonAgainst(new Plan(header, plan.steps())).isEmpty())
                        .isEqualTo(purpose == plan.header().purpose());
            }
        }
    }

    @Test
    void aRunningProcessIsNeverChangedInPlace() {
        for (Purpose purpose : List.of(Purpose.ATTACH, Purpose.UNDO)) {
            assertThatThrownBy(() -> SamplePlans.header(purpose, MethodName.IN_PLACE, BackingName.THP, List.of(FIRST)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(purpose.wireName() + " is never done in place");
        }
    }

    @Test
    void anAttachUsesNoPlaceWhereSomethingIsMappedOrThatIsUsedAlready() {
        Mapping inTheWay = mapping("0x10000bff000", 0x1000, "rw-", 0, 0, "");
        List<Mapping> mappings = new ArrayList<>(SamplePlans.MAPPINGS);
        mappings.add(inTheWay);
        assertThat(reasonAgainst(ATTACH_HUGETLB, mappings))
                .contains("plan rejected at step r1-stage: 0x10000600000-0x10000c00000 is not free:"
                        + " 0x10000bff000-0x10000c00000 is mapped");

        Region neighbour = SamplePlans.region("r2", "0x600000", "0x600000", "0x5ff000", "0x611000", "0x200000");
        Plan same = SamplePlans.attach(BackingName.HUGETLB, neighbour);
        List<Step> steps = new ArrayList<>(ATTACH_HUGETLB.steps());
        Step.SyscallStep park = (Step.SyscallStep) steps.get(6);
        Step.SyscallStep stage = (Step.SyscallStep) same.steps().get(0);
        List<Arg> args = new ArrayList<>(park.call().args());
        args.set(4, stage.call().args().get(0));
        steps.set(
                6,
                new Step.SyscallStep(
                        park.id(),
                        park.region(),
                        new Call(park.call().name(), args),
                        park.expect(),
                        park.undo(),
                        park.why()));
        assertThat(reasonAgainst(withSteps(ATTACH_HUGETLB, steps)))
                .contains("plan rejected at step r1-park: 0x10000600000-0x10000c00000 is used twice");
    }

    @Test
    void anAttachLeavesWhatIsOnReservedPagesAlready() {
        Region hugetlb = SamplePlans.region("r1", "0x6000000", "0x200000", "0x6000000", "0x200000", "0x0");
        assertThat(reasonAgainst(SamplePlans.attach(BackingName.HUGETLB, hugetlb)))
                .contains("plan rejected at region r1: the mapping is on reserved huge pages already");
    }

    static Stream<Arguments> whatIsNoPark() {
        String start = "0x20003000000";
        String reason = "step r3-open: 0x20003000000-0x%s is not what was parked of a file for the region";
        String whole = String.format(java.util.Locale.ROOT, reason, "20003400000");
        return Stream.of(
                arguments("nothing", with(start), "step r3-open: nothing is parked at 0x20003000000"),
                arguments("readable", with(start, mapping(start, 0x400000, "r--", 0x1000000, 23, "/l")), whole),
                arguments("writable", with(start, mapping(start, 0x400000, "rw-", 0x1000000, 23, "/l")), whole),
                arguments("shared", with(start, mapping(start, 0x400000, "---s", 0x1000000, 23, "/l")), whole),
                arguments("no file", with(start, mapping(start, 0x400000, "---", 0x1000000, 0, "")), whole),
                arguments("elsewhere in it", with(start, mapping(start, 0x400000, "---", 0x1001000, 23, "/l")), whole),
                arguments(
                        "longer",
                        with(start, mapping(start, 0x401000, "---", 0x1000000, 23, "/l")),
                        String.format(java.util.Locale.ROOT, reason, "20003401000")),
                arguments(
                        "shorter",
                        with(start, mapping(start, 0x3ff000, "---", 0x1000000, 23, "/l")),
                        String.format(java.util.Locale.ROOT, reason, "200033ff000")),
                arguments(
                        "begins before",
                        with(start, mapping("0x20002fff000", 0x401000, "---", 0xfff000, 23, "/l")),
                        "step r3-open: nothing is parked at 0x20003000000"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatIsNoPark")
    void anUndoNeedsThePark(String what, List<Mapping> mappings, String reason) {
        assertThat(reasonAgainst(UNDO, mappings)).as(what).contains("plan rejected at " + reason);
    }

    @Test
    void anUndoTakesAParkThatWasNotClosedIfItIsAtTheOffsetOfItsPlace() {
        List<Step> steps = new ArrayList<>();
        for (Step step : UNDO.steps()) {
            steps.add(atAnotherPark(step, "0x20003000000", "0x20004000000"));
        }
        Plan plan = withSteps(UNDO, steps);
        String park = "0x20004000000";
        assertThat(reasonAgainst(plan, with(park, mapping(park, 0x400000, "r-x", 0x1000000, 23, "/l"))))
                .isEmpty();
        String start = "0x20003000000";
        assertThat(reasonAgainst(UNDO, with(start, mapping(start, 0x400000, "r-x", 0x1000000, 23, "/l"))))
                .contains("plan rejected at step r3-open: 0x20003000000-0x20003400000 is not what was parked of a file"
                        + " for the region");
    }

    private static Step atAnotherPark(Step step, String from, String to) {
        return step.match(new Step.Cases<Step, RuntimeException>() {
            @Override
            public Step syscall(Step.SyscallStep s) {
                return new Step.SyscallStep(
                        s.id(),
                        s.region(),
                        moved(s.call()),
                        s.expect(),
                        s.undo().map(this::moved),
                        "");
            }

            @Override
            public Step helper(Step.HelperStep s) {
                return new Step.HelperStep(s.id(), s.region(), s.task(), Arg.at(Address.parse(to)));
            }

            private Call moved(Call call) {
                List<Arg> args = new ArrayList<>(call.args());
                args.replaceAll(arg -> arg.equals(Arg.at(Address.parse(from))) ? Arg.at(Address.parse(to)) : arg);
                return new Call(call.name(), args);
            }
        });
    }

    @Test
    void anUndoMovesAParkOnlyOnce() {
        Region fourth = new Region(
                SamplePlans.FOURTH.id(),
                SamplePlans.FOURTH.range(),
                SamplePlans.FOURTH.mapping(),
                THIRD.fileOffset(),
                Protection.READ_EXECUTE);
        List<Step> steps = new ArrayList<>(UNDO.steps());
        Step.SyscallStep open = (Step.SyscallStep) UNDO.steps().get(0);
        steps.add(new Step.SyscallStep(new StepId("again"), fourth.id(), open.call(), open.expect(), open.undo(), ""));
        PlanHeader header =
                SamplePlans.header(Purpose.UNDO, MethodName.STAGED_SWAP, BackingName.THP, List.of(THIRD, fourth));
        assertThat(reasonAgainst(new Plan(header, steps)))
                .contains("plan rejected at step again: 0x20003000000-0x20003400000 is used twice");
    }

    static Stream<Arguments> whatIsNoCodeInMemory() {
        String start = "0x4000000";
        String reason = "region r3: 0x4000000-0x4400000 is not code without a file";
        return Stream.of(
                arguments("nothing", with(start), "region r3: nothing is mapped at 0x4000000"),
                arguments("a file", with(start, mapping(start, 0x400000, "r-x", 0, 9, "/l")), reason),
                arguments("data", with(start, mapping(start, 0x400000, "rw-", 0, 0, "")), reason),
                arguments("writable code", with(start, mapping(start, 0x400000, "rwx", 0, 0, "")), reason),
                arguments("shared code", with(start, mapping(start, 0x400000, "r-xs", 0, 0, "")), reason),
                arguments("the heap", with(start, mapping(start, 0x400000, "r-x", 0, 0, "[heap]")), reason),
                arguments(
                        "too little",
                        with(start, mapping(start, 0x3ff000, "r-x", 0, 0, "")),
                        "region r3: nothing is mapped at 0x43ff000"),
                arguments(
                        "a gap",
                        with(
                                start,
                                mapping(start, 0x200000, "r-x", 0, 0, ""),
                                mapping("0x4201000", 0x1ff000, "r-x", 0, 0, "")),
                        "region r3: 0x4201000-0x4400000 is not within the region or leaves a gap"),
                arguments(
                        "too much",
                        with(start, mapping(start, 0x401000, "r-x", 0, 0, "")),
                        "region r3: 0x4000000-0x4401000 is not within the region or leaves a gap"),
                arguments(
                        "begins before",
                        with(start, mapping("0x3fff000", 0x401000, "r-x", 0, 0, "")),
                        "region r3: 0x3fff000-0x4400000 is not within the region or leaves a gap"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatIsNoCodeInMemory")
    void anUndoReplacesOnlyCodeInMemory(String what, List<Mapping> mappings, String reason) {
        assertThat(reasonAgainst(UNDO, mappings)).as(what).contains("plan rejected at " + reason);
    }

    @Test
    void anUndoTakesCodeThatHasAName() {
        String start = "0x4000000";
        assertThat(reasonAgainst(UNDO, with(start, mapping(start, 0x400000, "r-x", 0, 0, "[anon:tiexec r1]"))))
                .isEmpty();
    }

    // ---- sizes

    @Test
    void asManyRegionsAsAllowedPassAndOneMoreIsRefused() {
        assertThat(reasonAgainstRegions(Plan.MAX_REGIONS)).isEmpty();
        assertThat(reasonAgainstRegions(Plan.MAX_REGIONS + 1))
                .contains("plan rejected at header: more than 256 regions");
    }

    private static Optional<String> reasonAgainstRegions(int count) {
        List<Mapping> mappings = new ArrayList<>();
        Region[] regions = IntStream.range(0, count)
                .mapToObj(i -> {
                    AddressRange range = AddressRange.ofLength(new Address(0x400000L * (i + 1)), 0x200000);
                    mappings.add(new Mapping(range, Protection.READ_EXECUTE, false, 0, "fe:00", i + 1, "/lib" + i));
                    return new Region(new RegionId("r" + i), range, range, 0, Protection.READ_EXECUTE);
                })
                .toArray(Region[]::new);
        Plan plan = SamplePlans.plan(MethodName.STAGED_SWAP, BackingName.THP, regions);
        try {
            PlanValidator.validate(plan, SamplePlans.PID, mappings);
            return Optional.empty();
        } catch (PlanRejectedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Test
    void asManyStepsAsAllowedPassAndOneMoreIsRefused() {
        Step fill = STAGED_HUGETLB.steps().get(1);
        List<Step> steps = new ArrayList<>(STAGED_HUGETLB.steps());
        while (steps.size() < Plan.MAX_STEPS) {
            steps.add(1, named(fill, "again" + steps.size()));
        }
        assertThat(reasonAgainst(withSteps(STAGED_HUGETLB, steps))).isEmpty();
        steps.add(1, named(fill, "oneMore"));
        assertThat(reasonAgainst(withSteps(STAGED_HUGETLB, steps)))
                .contains("plan rejected at header: more than 4096 steps");
    }

    @Test
    void theHeaderAddsUpItsRegions() {
        assertThat(SamplePlans.header(MethodName.IN_PLACE, BackingName.THP, List.of(FIRST, SECOND))
                        .bytes())
                .isEqualTo(10L << 20);
    }
}
