package org.tiexec.helper.planner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.region.ParkedCode;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

final class UndoPlannerTest {
    private static final int PID = 4242;
    private static final String ATTACHED = """
            400000-600000 r-xp 00000000 08:01 7 /bin/x
            600000-c00000 r-xp 00000000 00:00 0
            c00000-c10000 r-xp 00800000 08:01 7 /bin/x
            200000600000-200000c00000 ---p 00200000 08:01 7 /bin/x
            200040200000-200040400000 %s 00200000 08:01 8 /lib/a.so
            7f0000000000-7f0000200000 r-xp 00000000 08:01 8 /lib/a.so
            7f0000200000-7f0000400000 r-xp 00000000 00:0f 90 /anon_hugepage (deleted)
            """;

    private static ProcessFacts process(String maps) throws ProcFormatException {
        return new ProcessFacts(
                PID,
                "/bin/x",
                MapsParser.parse(maps.getBytes(UTF_8)),
                Optional.of(new Address(0x400040)),
                List.of(),
                List.of());
    }

    private static Decision decision(String maps) throws ProcFormatException {
        ProcessFacts process = process(maps);
        return UndoPlanner.plan(process, ParkedCode.in(process.mappings()), Hosts.withFree(0));
    }

    private static Plan plan(String maps) throws ProcFormatException {
        return ((Decision.Proposed) decision(maps)).plan();
    }

    @Test
    void bringsBackAllThatIsParked() throws Exception {
        String maps = String.format(java.util.Locale.ROOT, ATTACHED, "---p");
        Plan plan = plan(maps);
        PlanValidator.validate(plan, PID, process(maps).mappings());
        assertThat(plan.header().purpose()).isEqualTo(Purpose.UNDO);
        assertThat(plan.header().backing()).isEqualTo(BackingName.HUGETLB);
        assertThat(plan.header().regions())
                .extracting(Region::range)
                .hasToString("[0x600000-0xc00000, 0x7f0000200000-0x7f0000400000]");
        assertThat(plan.header().regions()).extracting(Region::fileOffset).containsExactly(0x200000L, 0x200000L);
        assertThat(plan.steps())
                .extracting(step -> step.id() + " " + step.region())
                .containsExactly("s1 r1", "s2 r1", "s3 r1", "s4 r2", "s5 r2", "s6 r2");
        assertThat(plan.header().notes())
                .containsExactly(
                        "0x600000-0xc00000: r1 goes back to /bin/x",
                        "0x7f0000200000-0x7f0000400000: r2 goes back to /lib/a.so");
    }

    @Test
    void bringsBackWhatAnAttachThatWasKilledHadNotClosed() throws Exception {
        String maps = String.format(java.util.Locale.ROOT, ATTACHED, "r-xp");
        Plan plan = plan(maps);
        assertThat(plan.header().regions()).hasSize(2);
    }

    @Test
    void leavesWhatCannotGoBackAndSaysWhy() throws Exception {
        String maps = String.format(java.util.Locale.ROOT, ATTACHED, "---p")
                .replace("7f0000200000-7f0000400000 r-xp 00000000 00:0f 90 /anon_hugepage (deleted)\n", "");
        Plan plan = plan(maps);
        PlanValidator.validate(plan, PID, process(maps).mappings());
        assertThat(plan.header().regions()).hasSize(1);
        assertThat(plan.header().backing()).isEqualTo(BackingName.THP);
        assertThat(plan.header().notes())
                .contains("0x200040200000-0x200040400000 --- /lib/a.so: stays parked:"
                        + " its place 0x7f0000200000-0x7f0000400000 now holds nothing");
    }

    @Test
    void saysThatThereIsNothingToUndo() throws Exception {
        assertThat(decision("400000-600000 r-xp 00000000 08:01 7 /bin/x\n"))
                .isEqualTo(new Decision.Declined(true, "nothing to undo: no code of a file is parked in process 4242"));
    }

    @Test
    void saysThatNothingCanBeUndone() throws Exception {
        assertThat(decision("200000600000-200000c00000 ---p 00200000 08:01 7 /bin/x\n"))
                .isEqualTo(new Decision.Declined(
                        false,
                        "nothing can be undone: 0x200000600000-0x200000c00000 --- /bin/x: stays parked:"
                                + " where it belongs cannot be told: no other mapping of its file is left in its"
                                + " place"));
    }
}
