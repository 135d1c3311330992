package org.tiexec.protocol.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

/** What the tracer lets a plan do to what lies around code: just what the rule says, in just these steps. */
final class WidenedPlanTest {
    private static final String MAPS = """
            400000-402000 r--p 00000000 fe:00 17 /usr/bin/sample
            402000-990000 r-xp 00002000 fe:00 17 /usr/bin/sample
            a10000-a20000 rw-p 00600000 fe:00 17 /usr/bin/sample
            """;
    private static final String ATTACHED = """
            400000-a00000 r-xp 00000000 00:00 0
            a10000-a20000 rw-p 00600000 fe:00 17 /usr/bin/sample
            20000400000-20000402000 r--p 00000000 fe:00 17 /usr/bin/sample
            20000402000-20000990000 ---p 00002000 fe:00 17 /usr/bin/sample
            20000990000-20000a00000 r--p 00000000 00:00 0
            """;
    private static final Widened HEADERS = widened("0x400000", "0x402000", Widened.Before.READ_ONLY);
    private static final Widened GAP = widened("0x990000", "0xa00000", Widened.Before.GAP);
    private static final Region REGION = region("0x400000", "0xa00000", HEADERS, GAP);
    private static final Address PARK = new Address(0x20000400000L);
    private static final Address STAGE = new Address(0x10000400000L);

    private static Widened widened(String start, String end, Widened.Before before) {
        return new Widened(new AddressRange(Address.parse(start), Address.parse(end)), before);
    }

    private static Region region(String start, String end, Widened... widened) {
        AddressRange range = new AddressRange(Address.parse(start), Address.parse(end));
        AddressRange mapping = new AddressRange(new Address(0x402000), new Address(0x990000));
        long into = range.start().isBelow(mapping.start()) ? 0 : range.start().distanceFrom(mapping.start());
        return new Region(new RegionId("r1"), range, mapping, 0x2000 + into, Protection.READ_EXECUTE, List.of(widened));
    }

    /** Makes a plan step by step. */
    private static final class Script {
        private final Region region;
        private final List<Step> steps = new ArrayList<>();

        Script(Region region) {
            this.region = region;
        }

        Script call(String id, Call call, Expectation expect) {
            return add(id, call, expect, Optional.empty());
        }

        Script call(String id, Call call, Expectation expect, Call undo) {
            return add(id, call, expect, Optional.of(undo));
        }

        private Script add(String id, Call call, Expectation expect, Optional<Call> undo) {
            steps.add(new Step.SyscallStep(new StepId(id), region.id(), call, expect, undo, ""));
            return this;
        }

        Script helper(String id, HelperTask task, Arg to) {
            steps.add(new Step.HelperStep(new StepId(id), region.id(), task, to));
            return this;
        }

        Script claims() {
            for (AddressRange gap : region.gaps()) {
                claim("claim", gap);
            }
            return this;
        }

        Script claim(String id, AddressRange range) {
            return call(id, WidenedCalls.claim(range), at(range.start()), WidenedCalls.release(range));
        }

        Script map(Arg place, MmapFlag... flags) {
            Call call = Call.of(
                    SyscallName.MMAP,
                    place,
                    length(),
                    Arg.flags(ProtFlag.PROT_READ, ProtFlag.PROT_WRITE),
                    Arg.flags(flags),
                    new Arg.Number(-1),
                    new Arg.Number(0));
            return place.equals(start())
                    ? call("map", call, at(region.range().start()), WidenedCalls.release(region.range()))
                    : call(
                            "stage",
                            call,
                            Expectation.Kind.ADDRESS,
                            Call.of(SyscallName.MUNMAP, result("stage"), length()));
        }

        Script protect(Arg place) {
            Arg protection = Arg.flags(ProtFlag.PROT_READ, ProtFlag.PROT_EXEC);
            return call("protect", Call.of(SyscallName.MPROTECT, place, length(), protection), Expectation.Kind.ZERO);
        }

        Script advise(String id, Advice advice) {
            return call(
                    id,
                    Call.of(SyscallName.MADVISE, result("stage"), length(), Arg.flags(advice)),
                    Expectation.Kind.ZERO);
        }

        Script park() {
            claim("reserve", AddressRange.ofLength(PARK, region.range().length()));
            for (AddressRange piece : region.mapped()) {
                Address to = WidenedCalls.parked(region, piece, PARK);
                call("park" + piece.start(), WidenedCalls.park(piece, to), at(to), WidenedCalls.bringBack(piece, to));
            }
            return this;
        }

        Script swap(boolean makesRoom) {
            Call move = Call.of(
                    SyscallName.MREMAP,
                    result("stage"),
                    length(),
                    length(),
                    Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED),
                    start());
            return makesRoom
                    ? call("swap", move, at(region.range().start()), WidenedCalls.release(region.range()))
                    : call("swap", move, at(region.range().start()));
        }

        Script drop() {
            return call(
                    "drop",
                    WidenedCalls.release(
                            AddressRange.ofLength(PARK, region.range().length())),
                    Expectation.Kind.ZERO);
        }

        Call rights(Protection protection) {
            AddressRange code = WidenedCalls.parkedRange(region, region.code(), PARK);
            return Call.protect(code, protection);
        }

        Arg start() {
            return Arg.at(region.range().start());
        }

        private Arg length() {
            return Arg.length(region.range().length());
        }

        Plan plan(Purpose purpose, MethodName method) {
            return new Plan(header(purpose, method, StrategyName.AGGRESSIVE, region), steps);
        }
    }

    private static Expectation at(Address address) {
        return new Expectation.Exactly(address);
    }

    private static Arg result(String id) {
        return new Arg.ResultOf(new StepId(id.replace("0x", "")));
    }

    private static PlanHeader header(Purpose purpose, MethodName method, StrategyName strategy, Region region) {
        return new PlanHeader(
                SamplePlans.PID,
                "/usr/bin/sample",
                "x86_64",
                purpose,
                strategy,
                BackingName.HUGETLB,
                method,
                List.of(region),
                List.of(),
                new HostFacts("6.18.44", "madvise", 64, 12, 2, 0));
    }

    private static final MmapFlag[] STAGE_FLAGS = {
        MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS, MmapFlag.MAP_HUGETLB, MmapFlag.MAP_HUGE_2MB
    };

    private static Plan staged(Region region) {
        return new Script(region)
                .claims()
                .map(Arg.at(STAGE), STAGE_FLAGS)
                .helper("fill", HelperTask.FILL, result("stage"))
                .protect(result("stage"))
                .park()
                .swap(true)
                .drop()
                .plan(Purpose.LAUNCH, MethodName.STAGED_SWAP);
    }

    private static Plan inPlace(Region region) {
        Script script = new Script(region);
        return script.claims()
                .helper("snapshot", HelperTask.SNAPSHOT, script.start())
                .park()
                .map(
                        script.start(),
                        MmapFlag.MAP_PRIVATE,
                        MmapFlag.MAP_FIXED,
                        MmapFlag.MAP_ANONYMOUS,
                        MmapFlag.MAP_HUGETLB,
                        MmapFlag.MAP_HUGE_2MB)
                .helper("fill", HelperTask.FILL, script.start())
                .helper("verify", HelperTask.VERIFY, script.start())
                .protect(script.start())
                .drop()
                .plan(Purpose.LAUNCH, MethodName.IN_PLACE);
    }

    private static Plan attach(Region region) {
        Script script = new Script(region);
        return script.map(Arg.at(STAGE), STAGE_FLAGS)
                .advise("withhold", Advice.MADV_DONTFORK)
                .claims()
                .helper("fill", HelperTask.FILL, result("stage"))
                .protect(result("stage"))
                .helper("verify", HelperTask.VERIFY, result("stage"))
                .advise("share", Advice.MADV_DOFORK)
                .park()
                .call(
                        "close",
                        script.rights(Protection.NONE),
                        Expectation.Kind.ZERO,
                        script.rights(Protection.READ_EXECUTE))
                .swap(false)
                .plan(Purpose.ATTACH, MethodName.STAGED_SWAP);
    }

    private static Plan undo(Region region) {
        Script script = new Script(region);
        script.call(
                        "open",
                        script.rights(Protection.READ_EXECUTE),
                        Expectation.Kind.ZERO,
                        script.rights(Protection.NONE))
                .helper("verify", HelperTask.VERIFY, Arg.at(PARK))
                .map(Arg.at(STAGE), MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS)
                .helper("fill", HelperTask.FILL, result("stage"))
                .protect(result("stage"))
                .swap(false);
        for (AddressRange piece : region.mapped()) {
            Call back = WidenedCalls.bringBack(piece, WidenedCalls.parked(region, piece, PARK));
            script.call("return" + piece.start(), back, at(piece.start()));
        }
        for (AddressRange gap : region.gaps()) {
            script.call("release", WidenedCalls.release(gap), Expectation.Kind.ZERO);
        }
        for (AddressRange gap : region.gaps()) {
            AddressRange place = WidenedCalls.parkedRange(region, gap, PARK);
            script.call("drop", WidenedCalls.release(place), Expectation.Kind.ZERO);
        }
        return script.plan(Purpose.UNDO, MethodName.STAGED_SWAP);
    }

    private static Optional<String> reasonAgainst(Plan plan, String maps) {
        try {
            PlanValidator.validate(plan, SamplePlans.PID, mappings(maps));
            return Optional.empty();
        } catch (PlanRejectedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static List<Mapping> mappings(String maps) {
        try {
            return MapsParser.parse(maps.getBytes(UTF_8));
        } catch (ProcFormatException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Stream<Plan> plans() {
        return Stream.of(staged(REGION), inPlace(REGION), attach(REGION), undo(REGION));
    }

    private static String mapsFor(Plan plan) {
        return plan.header().purpose() == Purpose.UNDO ? ATTACHED : MAPS;
    }

    @ParameterizedTest
    @MethodSource("plans")
    void aPlanThatKeepsTheRulePasses(Plan plan) {
        assertThat(reasonAgainst(plan, mapsFor(plan))).isEmpty();
    }

    /** Names may differ where nothing refers to them, hints and places where they are free; nothing else may. */
    @ParameterizedTest
    @MethodSource("plans")
    void everyOtherFieldOfEveryStepCounts(Plan plan) {
        TreeSet<String> accepted = new TreeSet<>();
        for (int i = 0; i < plan.steps().size(); i++) {
            Step step = plan.steps().get(i);
            for (Map.Entry<String, Step> mutation : StepMutations.of(step, plan).entrySet()) {
                List<Step> steps = new ArrayList<>(plan.steps());
                steps.set(i, mutation.getValue());
                if (reasonAgainst(new Plan(plan.header(), steps), mapsFor(plan)).isEmpty()) {
                    accepted.add(step.id() + " " + mutation.getKey());
                }
            }
        }
        assertThat(accepted)
                .allMatch(mutation -> mutation.matches("\\S+ id \\S+")
                        || mutation.startsWith("stage call args[0] 0x")
                        || (mutation.equals("drop expect any") && plan.header().purpose() == Purpose.LAUNCH));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void noStepMayBeMissingOrComeTwice(Plan plan) {
        for (int i = 0; i < plan.steps().size(); i++) {
            List<Step> fewer = new ArrayList<>(plan.steps());
            Step step = fewer.remove(i);
            assertThat(reasonAgainst(new Plan(plan.header(), fewer), mapsFor(plan)))
                    .as("without " + step.id())
                    .isPresent();
            List<Step> more = new ArrayList<>(plan.steps());
            more.add(i, step);
            assertThat(reasonAgainst(new Plan(plan.header(), more), mapsFor(plan)))
                    .as(step.id() + " twice")
                    .isPresent();
        }
    }

    /** The plan says what it would say if the rule permitted it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400000-402000 r--p 00000000 fe:00 17 | 400000-402000 rw-p 00000000 fe:00 17",
                "400000-402000 r--p 00000000 fe:00 17 | 400000-402000 r--s 00000000 fe:00 17",
                "400000-402000 r--p 00000000 fe:00 17 | 400000-402000 r--p 00000000 fe:00 18",
                "400000-402000 r--p 00000000 fe:00 17 | 400000-402000 ---p 00000000 fe:00 17",
                "400000-402000 r--p 00000000 fe:00 17 | 400000-402000 r-xp 00000000 fe:00 17",
                "400000-402000 r--p 00000000 fe:00 17 | 400000-402000 r--p 00000000 00:00 0",
                "400000-402000 r--p 00000000 fe:00 17 | 401000-402000 r--p 00000000 fe:00 17",
                "a10000-a20000 rw-p 00600000 fe:00 17 | 9f0000-a20000 rw-p 00600000 fe:00 17",
                "a10000-a20000 rw-p 00600000 fe:00 17 | 9f0000-a20000 r--p 00600000 fe:00 17",
                "a10000-a20000 rw-p 00600000 fe:00 17 | a10000-a20000 rw-p 00000000 00:00 0",
                "a10000-a20000 rw-p 00600000 fe:00 17 | a10000-a20000 rw-p 00600000 fe:00 18",
                "a10000-a20000 rw-p 00600000 fe:00 17 | a10000-a20000 rw-p 00000000 fe:00 17",
            })
    void whatTheProcessReallyHasAroundTheCodeDecides(String line, String other) {
        String maps = MAPS.replace(line, other);
        assertThat(maps).isNotEqualTo(MAPS);
        for (Plan plan : List.of(staged(REGION), inPlace(REGION), attach(REGION))) {
            assertThat(reasonAgainst(plan, maps))
                    .hasValueSatisfying(reason ->
                            assertThat(reason).containsAnyOf("may be widened over", "what it is widened over differs"));
        }
    }

    @Test
    void oneSideAloneMayBeRounded() {
        assertThat(reasonAgainst(staged(region("0x400000", "0x800000", HEADERS)), MAPS))
                .isEmpty();
        assertThat(reasonAgainst(staged(region("0x600000", "0xa00000", GAP)), MAPS))
                .isEmpty();
    }

    @Test
    void noMoreThanTheNext2MbMayBeCovered() {
        Widened far = widened("0x200000", "0x402000", Widened.Before.GAP);
        assertThat(reasonAgainst(staged(region("0x200000", "0x800000", far)), MAPS))
                .hasValueSatisfying(reason -> assertThat(reason).contains("covers more than"));
    }

    @Test
    void whatIsCalledAGapMustBeOne() {
        Widened wrong = widened("0x400000", "0x402000", Widened.Before.GAP);
        assertThat(reasonAgainst(staged(region("0x400000", "0x800000", wrong)), MAPS))
                .hasValueSatisfying(reason -> assertThat(reason).contains("what it is widened over differs"));
    }

    @Test
    void onlyAnAggressivePlanMayWiden() {
        Plan plan = staged(REGION);
        PlanHeader conservative = header(Purpose.LAUNCH, MethodName.STAGED_SWAP, StrategyName.CONSERVATIVE, REGION);
        assertThat(reasonAgainst(new Plan(conservative, plan.steps()), MAPS))
                .contains("plan rejected at region r1: only aggressive regions are widened");
    }

    /** What would be unmapped as a gap, or moved over code, must be parked as such. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "20000990000-20000a00000 r--p 00000000 00:00 0     | 20000990000-20000a00000 rw-p 00000000 00:00 0",
                "20000990000-20000a00000 r--p 00000000 00:00 0     | 20000990000-20000a00000 r--p 00000000 fe:00 17",
                "20000990000-20000a00000 r--p 00000000 00:00 0     | 20000990000-200009f0000 r--p 00000000 00:00 0",
                "20000400000-20000402000 r--p 00000000 fe:00 17    | 20000400000-20000402000 r--p 00000000 fe:00 18",
                "20000400000-20000402000 r--p 00000000 fe:00 17    | 20000400000-20000402000 rw-p 00000000 fe:00 17",
                "20000400000-20000402000 r--p 00000000 fe:00 17    | 20000400000-20000401000 r--p 00000000 fe:00 17",
                "20000402000-20000990000 ---p 00002000 fe:00 17    | 20000402000-20000980000 ---p 00002000 fe:00 17",
                "20000402000-20000990000 ---p 00002000 fe:00 17    | 20000402000-20000990000 ---p 00003000 fe:00 17",
                "400000-a00000 r-xp 00000000 00:00 0               | 400000-900000 r-xp 00000000 00:00 0",
                "400000-a00000 r-xp 00000000 00:00 0               | 400000-a00000 rwxp 00000000 00:00 0",
            })
    void onlyWhatIsParkedPieceByPieceComesBack(String line, String other) {
        String maps = ATTACHED.replace(line, other);
        assertThat(maps).isNotEqualTo(ATTACHED);
        assertThat(reasonAgainst(undo(REGION), maps)).isPresent();
    }

    @Test
    void aRegionIsJustItsCodeAndItsPieces() {
        Widened overlapping = widened("0x400000", "0x403000", Widened.Before.READ_ONLY);
        Widened tooShort = widened("0x400000", "0x401000", Widened.Before.READ_ONLY);
        assertThatThrownBy(() -> region("0x400000", "0xa00000", HEADERS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> region("0x400000", "0xa00000", overlapping, GAP))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> region("0x400000", "0xa00000", tooShort, GAP))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> region("0x400000", "0xa00000", GAP, HEADERS))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(REGION.mapped()).hasToString("[0x400000-0x402000, 0x402000-0x990000]");
        assertThat(REGION.gaps()).hasToString("[0x990000-0xa00000]");
        assertThat(REGION.span()).hasToString("0x400000-0xa00000");
    }
}
