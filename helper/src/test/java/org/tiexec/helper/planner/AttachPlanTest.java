package org.tiexec.helper.planner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.helper.proc.Exclusion;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

/** What the planner proposes for processes that run. */
final class AttachPlanTest {
    private static final HostFacts RICH = Hosts.withFree(512);
    private static final String PROGRAM = """
            400000-800000 r-xp 00000000 08:01 7 /bin/x
            7f0000001000-7f0000601000 r-xp 00001000 08:01 8 /lib/a.so
            7f0001000000-7f0001100000 r-xp 00000000 08:01 9 /lib/small.so
            7ffff7c00000-7ffff8000000 r-xp 00000000 00:00 0 [vdso]
            """;

    private static Settings settings(Targets targets, BackingChoice backing) {
        return Settings.attach(targets, StrategyName.CONSERVATIVE, backing);
    }

    private static ProcessFacts process(String maps) throws ProcFormatException {
        return new ProcessFacts(
                RecordedProcess.PID,
                "/bin/x",
                MapsParser.parse(maps.getBytes(UTF_8)),
                Optional.of(new Address(0x400040)),
                List.of(),
                List.of());
    }

    private static Plan proposed(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Proposed.class);
        return ((Decision.Proposed) decision).plan();
    }

    private static Plan valid(Decision decision, ProcessFacts process) throws Exception {
        Plan plan = proposed(decision);
        PlanValidator.validate(plan, RecordedProcess.PID, process.mappings());
        assertThat(plan.header().purpose()).isEqualTo(Purpose.ATTACH);
        assertThat(plan.header().method()).isEqualTo(MethodName.STAGED_SWAP);
        return plan;
    }

    @ParameterizedTest
    @CsvSource({
        "bash, 0, 0",
        "cc1plus, 9, 0",
        "etcd, 4, 0",
        "gdb, 2, 0",
        "java, 0, 5",
        "node, 12, 0",
        "postgres, 2, 0",
        "python3, 0, 0",
        "sleep, 0, 0",
    })
    void plansForTheExecutableAndTheLibrariesOfRealPrograms(String program, long executable, long libraries)
            throws Exception {
        ProcessFacts process = RecordedProcess.named(program).facts();
        for (BackingChoice backing : BackingChoice.values()) {
            assertPages(process, settings(Targets.EXECUTABLE, backing), executable);
            assertPages(process, settings(Targets.LIBRARIES, backing), libraries);
            assertPages(process, settings(Targets.ALL, backing), executable + libraries);
        }
    }

    private static void assertPages(ProcessFacts process, Settings settings, long pages) throws Exception {
        Decision decision = Planner.plan(process, RICH, settings);
        if (pages == 0) {
            assertThat(decision).isInstanceOf(Decision.Declined.class);
            assertThat(((Decision.Declined) decision).nothingToDo()).isTrue();
        } else {
            assertThat(valid(decision, process).header().bytes())
                    .as(process.exe() + " " + settings.targets())
                    .isEqualTo(pages * PageSize.HUGE);
        }
    }

    @Test
    void doesAllThatTakesLongBeforeItParksAnything() throws Exception {
        Plan plan = proposed(Planner.plan(process(PROGRAM), RICH, settings(Targets.EXECUTABLE, BackingChoice.THP)));
        assertThat(plan.steps().stream().map(AttachPlanTest::action))
                .containsExactly(
                        "mmap",
                        "madvise",
                        "madvise",
                        "FILL",
                        "madvise",
                        "mprotect",
                        "VERIFY",
                        "madvise",
                        "mremap",
                        "mremap",
                        "mprotect");
    }

    private static String action(Step step) {
        return step.match(new Step.Cases<String, RuntimeException>() {
            @Override
            public String syscall(Step.SyscallStep step) {
                return step.call().name().wireName();
            }

            @Override
            public String helper(Step.HelperStep step) {
                return step.task().name();
            }
        });
    }

    @Test
    void saysWhatStaysAndOfWhichLibraryARegionIs() throws Exception {
        ProcessFacts process = process(PROGRAM);
        Plan plan = valid(Planner.plan(process, RICH, settings(Targets.ALL, BackingChoice.AUTO)), process);
        assertThat(plan.header().regions())
                .extracting(Region::range)
                .hasToString("[0x400000-0x800000, 0x7f0000200000-0x7f0000600000]");
        assertThat(plan.header().notes())
                .containsExactly(
                        "0x7f0000001000-0x7f0000601000 r-x /lib/a.so: 511 + 1 pages of 4 KB before and after r2"
                                + " stay on the file");
    }

    @Test
    void leavesARefusedRegionAndTakesTheOthers() throws Exception {
        ProcessFacts process = process(PROGRAM)
                .withExclusions(List.of(
                        new Exclusion(AddressRange.ofLength(new Address(0x500000), 4096), "1 page of it is its own"),
                        new Exclusion(
                                AddressRange.ofLength(new Address(0x7f0000001000L), 4096), "not within the region")));
        Plan plan = valid(Planner.plan(process, RICH, settings(Targets.ALL, BackingChoice.AUTO)), process);
        assertThat(plan.header().regions()).extracting(Region::range).hasToString("[0x7f0000200000-0x7f0000600000]");
        assertThat(plan.header().notes()).contains("0x400000-0x800000 r-x: left as it is: 1 page of it is its own");
    }

    @Test
    void saysWhyThereIsNothingToDo() throws Exception {
        String small = PROGRAM.replace("400000-800000", "400000-500000").replace("7f0000601000", "7f0000101000");
        assertThat(Planner.plan(process(small), RICH, settings(Targets.ALL, BackingChoice.AUTO)))
                .isEqualTo(new Decision.Declined(
                        true,
                        "nothing to do: no mapping of the executable or a library has 2 MB of aligned code (largest: 1.0"
                                + " MB)"));
    }

    @Test
    void saysThatAllMustStay() throws Exception {
        ProcessFacts process = process(PROGRAM)
                .withExclusions(
                        List.of(new Exclusion(AddressRange.ofLength(new Address(0x500000), 4096), "it is its own")));
        assertThat(Planner.plan(process, RICH, settings(Targets.EXECUTABLE, BackingChoice.AUTO)))
                .isEqualTo(new Decision.Declined(
                        true,
                        "nothing to do: what has 2 MB of aligned code in the executable must stay as it is;"
                                + " 0x400000-0x800000 r-x: left as it is: it is its own"));
    }

    @Test
    void saysWhatAnEarlierAttachHasDone() throws Exception {
        ProcessFacts process = process("""
                400000-600000 r-xp 00000000 00:00 0
                600000-700000 r--p 00200000 08:01 7 /bin/x
                200000400000-200000600000 ---p 00000000 08:01 7 /bin/x
                7f0000000000-7f0000200000 r-xp 00000000 00:0f 12 /anon_hugepage (deleted)
                """);
        Decision.Declined declined =
                (Decision.Declined) Planner.plan(process, RICH, settings(Targets.ALL, BackingChoice.AUTO));
        assertThat(declined.nothingToDo()).isTrue();
        assertThat(declined.reason())
                .contains("no file is mapped at the program headers, 0x400040, so that the executable cannot be told")
                .contains("2.0 MB of code are on 2 MB pages already, by an earlier attach (it can be undone)");
    }

    @Test
    void countsThePoolForAllRegionsTogether() throws Exception {
        ProcessFacts process = process(PROGRAM);
        Plan enough =
                valid(Planner.plan(process, Hosts.withFree(4), settings(Targets.ALL, BackingChoice.AUTO)), process);
        assertThat(enough.header().backing()).isEqualTo(BackingName.HUGETLB);
        Plan fewer =
                valid(Planner.plan(process, Hosts.withFree(3), settings(Targets.ALL, BackingChoice.AUTO)), process);
        assertThat(fewer.header().backing()).isEqualTo(BackingName.THP);
        assertThat(fewer.header().notes()).anyMatch(note -> note.startsWith("hugetlb: 4 pages needed, 3 free"));
    }

    @Test
    void neverChangesARunningProcessInPlaceEvenWhereTheKernelCannotMoveReservedPages() throws Exception {
        HostFacts old = new HostFacts("5.15.0", "madvise", 512, 512, 0, 0);
        ProcessFacts process = process(PROGRAM);
        Plan plan = valid(Planner.plan(process, old, settings(Targets.ALL, BackingChoice.AUTO)), process);
        assertThat(plan.header().backing()).isEqualTo(BackingName.THP);
        assertThat(Planner.plan(process, old, settings(Targets.ALL, BackingChoice.HUGETLB)))
                .isEqualTo(new Decision.Declined(
                        false, "hugetlb: Linux 5.15.0 cannot move such memory (use --backing=thp)"));
    }

    @Test
    void putsNoMoreRegionsIntoAPlanThanAreAllowed() throws Exception {
        StringBuilder maps = new StringBuilder("400000-401000 r-xp 00000000 08:01 7 /bin/x\n");
        for (int i = 0; i <= Plan.MAX_REGIONS; i++) {
            long start = 0x7f00_0000_0000L + ((long) i << 24);
            maps.append(Long.toHexString(start)).append('-').append(Long.toHexString(start + PageSize.HUGE));
            maps.append(" r-xp 00000000 08:01 ")
                    .append(100 + i)
                    .append(" /lib/")
                    .append(i)
                    .append('\n');
        }
        ProcessFacts process = process(maps.toString());
        Plan plan = valid(Planner.plan(process, RICH, settings(Targets.ALL, BackingChoice.THP)), process);
        assertThat(plan.header().regions()).hasSize(Plan.MAX_REGIONS);
        assertThat(plan.header().notes())
                .contains("0x7f0100000000-0x7f0100200000 r-x /lib/256: left as it is: a plan has at most 256 regions");
    }

    @Test
    void aPlanThatWasExecutedCanBeUndone() throws Exception {
        for (String program : List.of("node", "java", "postgres", "gdb")) {
            ProcessFacts before = RecordedProcess.named(program).facts();
            for (BackingChoice backing : List.of(BackingChoice.HUGETLB, BackingChoice.THP)) {
                Plan plan = proposed(Planner.plan(before, RICH, settings(Targets.ALL, backing)));
                ProcessFacts after = new ExecutedPlan(before).of(plan);
                Decision decision =
                        UndoPlanner.plan(after, org.tiexec.helper.region.ParkedCode.in(after.mappings()), RICH);
                Plan undo = proposed(decision);
                PlanValidator.validate(undo, RecordedProcess.PID, after.mappings());
                List<String> went = new ArrayList<>();
                plan.header().regions().forEach(region -> went.add(region.range() + " " + region.fileOffset()));
                List<String> returned = new ArrayList<>();
                undo.header().regions().forEach(region -> returned.add(region.range() + " " + region.fileOffset()));
                assertThat(returned).as(program).containsExactlyInAnyOrderElementsOf(went);
                assertThat(undo.header().backing()).isEqualTo(plan.header().backing());
            }
        }
    }
}
