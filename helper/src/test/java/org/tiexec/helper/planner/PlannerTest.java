package org.tiexec.helper.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.procfs.MapsParser;

final class PlannerTest {
    private static final HostFacts RICH = Hosts.withFree(512);

    @ParameterizedTest
    @CsvSource({
        "bash, 0",
        "c-static, 1",
        "c-static-pie, 1",
        "c-static-pie-exec-stop, 1",
        "cc1plus, 9",
        "deleted, 1",
        "etcd, 4",
        "gdb, 2",
        "gdb-exec-stop, 2",
        "go-pie, 0",
        "go-static, 1",
        "java, 0",
        "node, 12",
        "node-exec-stop, 12",
        "perl, 0",
        "postgres, 2",
        "prometheus, 9",
        "python3, 0",
        "sleep, 0",
        "sqlite3, 0",
    })
    void plansForRealProgramsWhateverIsAskedFor(String program, long hugePages) throws Exception {
        ProcessFacts process = RecordedProcess.named(program).facts();
        for (BackingChoice backing : BackingChoice.values()) {
            for (MethodChoice method : MethodChoice.values()) {
                Decision decision = Planner.plan(process, RICH, settings(backing, method));
                if (hugePages == 0) {
                    assertThat(declined(decision).nothingToDo()).isTrue();
                } else {
                    Plan plan = proposed(decision);
                    PlanValidator.validate(plan, RecordedProcess.PID, process.mappings());
                    assertThat(plan.header().bytes()).isEqualTo(hugePages * PageSize.HUGE);
                    assertThat(plan.header().exe()).isEqualTo("/recorded/" + program);
                    assertThat(plan.header().host()).isEqualTo(RICH);
                }
            }
        }
    }

    @Test
    void coversEveryRecordedProgram() {
        assertThat(RecordedProcess.NAMES).hasSizeGreaterThanOrEqualTo(20);
    }

    @Test
    void saysWhatStaysAsItIs() throws Exception {
        Plan plan =
                proposed(Planner.plan(RecordedProcess.named("node-exec-stop").facts(), RICH, Settings.DEFAULT));
        assertThat(plan.header().notes())
                .containsExactly(
                        "0xb72000-0x25fe000 r-x: 142 + 510 pages of 4 KB before and after r1 stay on the file",
                        "0xb6f000-0xb71000 r-x: no 2 MB of aligned code in 8 KB",
                        "0x2600000-0x2601000 r-x: no 2 MB of aligned code in 4 KB");
    }

    @Test
    void saysWhyThereIsNothingToDo() {
        assertThat(declined(Planner.plan(RecordedProcess.named("perl").facts(), RICH, Settings.DEFAULT)))
                .isEqualTo(new Decision.Declined(
                        true,
                        "nothing to do: no mapping of the executable has 2 MB of aligned code (largest: 1.5 MB)"));
    }

    @Test
    void leavesWritableCodeAloneAndSaysSo() throws Exception {
        Decision decision =
                Planner.plan(process("400000-800000 rwxp 00000000 08:01 7 /bin/x\n"), RICH, Settings.DEFAULT);
        assertThat(declined(decision))
                .isEqualTo(new Decision.Declined(
                        true,
                        "nothing to do: no mapping of the executable has 2 MB of aligned code; "
                                + "0x400000-0x800000 rwx: left as it is: writable and executable"));
    }

    @Test
    void plansAroundTheMappingsThatMustStay() throws Exception {
        ProcessFacts process = process("""
                400000-800000 r-xp 00000000 08:01 7 /bin/x
                800000-c00000 rwxp 00400000 08:01 7 /bin/x
                c00000-1000000 r-xs 00800000 08:01 7 /bin/x
                1000000-1400000 --xp 00c00000 08:01 7 /bin/x
                """);
        Plan plan = proposed(Planner.plan(process, RICH, Settings.DEFAULT));
        assertThat(plan.header().regions()).hasSize(1);
        assertThat(plan.header().notes())
                .containsExactly(
                        "0x800000-0xc00000 rwx: left as it is: writable and executable",
                        "0xc00000-0x1000000 r-x: left as it is: a shared mapping",
                        "0x1000000-0x1400000 --x: left as it is: not readable");
    }

    @Test
    void leavesSealedCodeAlone() throws Exception {
        ProcessFacts process = process("400000-800000 r-xp 00000000 08:01 7 /bin/x\n")
                .withSealed(List.of(new AddressRange(new Address(0x400000), new Address(0x800000))));
        assertThat(declined(Planner.plan(process, RICH, Settings.DEFAULT)).reason())
                .contains("0x400000-0x800000 r-x: left as it is: sealed by the program (mseal)");
    }

    @Test
    void doesSeveralRegionsOneAfterTheOther() throws Exception {
        ProcessFacts process = process("""
                400000-800000 r-xp 00000000 08:01 7 /bin/x
                800000-801000 r--p 00400000 08:01 7 /bin/x
                a00000-1000000 r-xp 00600000 08:01 7 /bin/x
                """);
        Plan plan = proposed(Planner.plan(process, RICH, settings(BackingChoice.THP, MethodChoice.AUTO)));
        PlanValidator.validate(plan, RecordedProcess.PID, process.mappings());
        assertThat(plan.header().regions())
                .extracting(Region::range)
                .extracting(AddressRange::toString)
                .containsExactly("0x400000-0x800000", "0xa00000-0x1000000");
        assertThat(plan.header().regions()).extracting(Region::fileOffset).containsExactly(0L, 0x600000L);
        assertThat(plan.steps())
                .extracting(step -> step.id() + " " + step.region())
                .startsWith("s1 r1", "s2 r1")
                .endsWith("s15 r2", "s16 r2");
    }

    @Test
    void putsNoMoreRegionsIntoAPlanThanAreAllowed() throws Exception {
        StringBuilder maps = new StringBuilder();
        for (int i = 0; i <= Plan.MAX_REGIONS; i++) {
            long start = (long) (i + 1) << 24;
            maps.append(Long.toHexString(start))
                    .append('-')
                    .append(Long.toHexString(start + PageSize.HUGE))
                    .append(" r-xp 00000000 08:01 7 /bin/x\n");
        }
        ProcessFacts process = process(maps.toString(), 1 << 24);
        for (MethodChoice method : MethodChoice.values()) {
            Plan plan = proposed(Planner.plan(process, RICH, settings(BackingChoice.THP, method)));
            PlanValidator.validate(plan, RecordedProcess.PID, process.mappings());
            assertThat(plan.header().regions()).hasSize(Plan.MAX_REGIONS);
            assertThat(plan.header().notes())
                    .containsExactly("0x101000000-0x101200000 r-x: left as it is: a plan has at most 256 regions");
        }
    }

    @Test
    void takesReservedPagesIfThereAreJustEnough() {
        Plan plan = proposed(Planner.plan(node(), Hosts.withFree(12), Settings.DEFAULT));
        assertThat(plan.header().backing()).isEqualTo(BackingName.HUGETLB);
        assertThat(plan.header().method()).isEqualTo(MethodName.STAGED_SWAP);
    }

    @Test
    void fallsBackToTransparentPagesWhenThePoolIsShortByOne() {
        Plan plan = proposed(Planner.plan(node(), Hosts.withFree(11), Settings.DEFAULT));
        assertThat(plan.header().backing()).isEqualTo(BackingName.THP);
        assertThat(plan.header().notes())
                .contains("hugetlb: 12 pages needed, 11 free; using thp (reserve: sysctl vm.nr_hugepages=16)");
    }

    @Test
    void declinesWhenReservedPagesAreAskedForAndThePoolIsShortByOne() {
        Decision decision =
                Planner.plan(node(), Hosts.withFree(11), settings(BackingChoice.HUGETLB, MethodChoice.AUTO));
        assertThat(declined(decision))
                .isEqualTo(new Decision.Declined(
                        false, "hugetlb: 12 pages needed, 11 free (reserve: sysctl vm.nr_hugepages=16)"));
    }

    @Test
    void declinesWhenThereAreNoHugePagesOfAnyKind() {
        Decision decision = Planner.plan(node(), Hosts.running("6.18.44", "absent"), Settings.DEFAULT);
        assertThat(declined(decision))
                .isEqualTo(new Decision.Declined(
                        false,
                        "hugetlb: 12 pages needed, 0 free (reserve: sysctl vm.nr_hugepages=12); "
                                + "thp: this kernel has no transparent huge pages, or /sys is not mounted"
                                + " (it takes one built with CONFIG_TRANSPARENT_HUGEPAGE)"));
    }

    @ParameterizedTest
    @CsvSource({
        // kernel, asked-for backing and method, backing and method of the plan
        "5.15.0, auto,    auto,        hugetlb, in-place",
        "5.15.0, hugetlb, auto,        hugetlb, in-place",
        "5.15.0, thp,     auto,        thp,     staged-swap",
        "5.15.0, auto,    staged-swap, thp,     staged-swap",
        "5.15.0, auto,    in-place,    hugetlb, in-place",
        "5.16.0, auto,    auto,        hugetlb, staged-swap",
        "5.16.0, hugetlb, in-place,    hugetlb, in-place",
    })
    void choosesWhatTheKernelCanDo(String kernel, String backing, String method, String chosen, String by)
            throws Exception {
        Settings settings = settings(
                BackingChoice.named(backing).orElseThrow(),
                MethodChoice.named(method).orElseThrow());
        Plan plan = proposed(Planner.plan(node(), Hosts.running(kernel), settings));
        assertThat(plan.header().backing().wireName()).isEqualTo(chosen);
        assertThat(plan.header().method().wireName()).isEqualTo(by);
        PlanValidator.validate(plan, RecordedProcess.PID, node().mappings());
    }

    @Test
    void saysWhyItDoesNotStageTheSwap() {
        Plan plan = proposed(Planner.plan(node(), Hosts.running("5.15.0"), Settings.DEFAULT));
        assertThat(plan.header().notes())
                .contains("in-place: Linux 5.15.0 cannot move hugetlb memory (5.16 or later can)");
    }

    @Test
    void declinesWhatTheKernelCannotDo() {
        Settings settings = settings(BackingChoice.HUGETLB, MethodChoice.STAGED_SWAP);
        assertThat(declined(Planner.plan(node(), Hosts.running("5.15.0"), settings)))
                .isEqualTo(new Decision.Declined(
                        false,
                        "hugetlb: Linux 5.15.0 cannot move such memory (use --method=in-place or --backing=thp)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.12.19", "4.18.0-553.el8", "strange"})
    void declinesOnKernelsThatCannotParkAFileMapping(String release) {
        Decision.Declined declined = declined(Planner.plan(node(), Hosts.running(release), Settings.DEFAULT));
        assertThat(declined)
                .isEqualTo(new Decision.Declined(
                        false, "Linux " + release + " cannot keep the original aside (5.13 or later can)"));
    }

    @Test
    void declinesWhenTheAuxiliaryVectorIsNotThatOfA64BitProgram() {
        ProcessFacts process = new ProcessFacts(7, "/bin/x", node().mappings(), Optional.empty(), List.of(), List.of());
        assertThat(declined(Planner.plan(process, RICH, Settings.DEFAULT)))
                .isEqualTo(new Decision.Declined(
                        false, "process 7: its auxiliary vector names no program headers (32-bit?)"));
    }

    @Test
    void hasNothingToDoOnceTheCodeIsOnHugePages() throws Exception {
        ProcessFacts process = process("400000-800000 r-xp 00000000 00:0f 0 /anon_hugepage (deleted)\n");
        assertThat(declined(Planner.plan(process, RICH, Settings.DEFAULT)))
                .isEqualTo(new Decision.Declined(
                        true,
                        "nothing to do: no file is mapped at the program headers, 0x400040; "
                                + "the code may be on huge pages already"));
    }

    @Test
    void stagesAtTheDestinationsOffsetWithinOneGigabyte() {
        for (String program : List.of("node", "gdb", "c-static-pie", "prometheus")) {
            ProcessFacts process = RecordedProcess.named(program).facts();
            Plan plan = proposed(Planner.plan(process, RICH, Settings.DEFAULT));
            Region region = plan.header().regions().get(0);
            Step.SyscallStep stage = (Step.SyscallStep) plan.steps().get(0);
            long hint = ((Arg.Hex) stage.call().args().get(0)).bits();
            assertThat(hint % PageSize.GIGANTIC)
                    .isEqualTo(region.range().start().bits() % PageSize.GIGANTIC);
        }
    }

    private static ProcessFacts node() {
        return RecordedProcess.named("node-exec-stop").facts();
    }

    private static ProcessFacts process(String maps) throws Exception {
        return process(maps, 0x400040);
    }

    private static ProcessFacts process(String maps, long anchor) throws Exception {
        return new ProcessFacts(
                RecordedProcess.PID,
                "/bin/x",
                MapsParser.parse(maps.getBytes(StandardCharsets.UTF_8)),
                Optional.of(new Address(anchor)),
                List.of(),
                List.of());
    }

    private static Settings settings(BackingChoice backing, MethodChoice method) {
        return new Settings(StrategyName.CONSERVATIVE, backing, method);
    }

    private static Plan proposed(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Proposed.class);
        return ((Decision.Proposed) decision).plan();
    }

    private static Decision.Declined declined(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Declined.class);
        return (Decision.Declined) decision;
    }
}
