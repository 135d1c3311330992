package org.tiexec.helper.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;

/** A program with 1 page of its own, libraries of 3 and 5. */
final class PageBudgetTest {
    private static final int PID = 7;

    private static final String MAPS = """
            400000-600000 r-xp 00000000 08:01 7 /bin/x
            7f0000000000-7f0000600000 r-xp 00001000 08:01 8 /lib/libthree.so
            7f0001000000-7f0001a00000 r-xp 00000000 08:01 9 /lib/libfive.so
            """;

    private static Decision decide(Targets targets, Selection selection) throws Exception {
        ProcessFacts process = new ProcessFacts(
                PID,
                "/bin/x",
                MapsParser.parse(MAPS.getBytes(StandardCharsets.UTF_8)),
                Optional.of(new Address(0x400040)),
                List.of(),
                List.of());
        return Planner.plan(
                process,
                Hosts.withFree(512),
                Settings.DEFAULT.withTargets(targets).withSelection(selection));
    }

    private static Plan plan(Targets targets, Selection selection) throws Exception {
        Plan plan = ((Decision.Proposed) decide(targets, selection)).plan();
        PlanValidator.validate(plan, PID, MapsParser.parse(MAPS.getBytes(StandardCharsets.UTF_8)));
        return plan;
    }

    private static Selection pages(int most) {
        return new Selection(List.of(), Optional.of(most));
    }

    private static List<String> pagesOf(Plan plan) {
        return plan.header().regions().stream()
                .map(region -> region.range().start() + " " + region.range().pages(PageSize.HUGE))
                .toList();
    }

    @Test
    void withoutOneEverythingIsTaken() throws Exception {
        assertThat(pagesOf(plan(Targets.ALL, Selection.ALL)))
                .containsExactly("0x400000 1", "0x7f0000000000 3", "0x7f0001000000 5");
    }

    @Test
    void theLargestComesFirstAndTheLastIsCut() throws Exception {
        Plan plan = plan(Targets.ALL, pages(6));
        assertThat(pagesOf(plan)).containsExactly("0x7f0000000000 1", "0x7f0001000000 5");
        assertThat(plan.header().notes())
                .contains(
                        "--max-pages=6: 3 pages of 2 MB left as they are: 2 of 3 of /lib/libthree.so, 1 of 1 of /bin/x");
        Region cut = plan.header().regions().get(0);
        assertThat(cut.fileOffset()).isEqualTo(0x1000);
    }

    @Test
    void whatSufficesIsNotTalkedAbout() throws Exception {
        assertThat(plan(Targets.ALL, pages(9)).header().notes()).noneMatch(note -> note.contains("--max-pages"));
    }

    @Test
    void itHoldsForTheExecutableAloneAsWell() throws Exception {
        assertThat(pagesOf(plan(Targets.EXECUTABLE, pages(1)))).containsExactly("0x400000 1");
    }

    @Test
    void namesChooseAmongLibrariesOnly() throws Exception {
        Selection three = new Selection(List.of(new NamePattern("lib[t]hree*")), Optional.empty());
        assertThat(pagesOf(plan(Targets.ALL, three))).containsExactly("0x400000 1", "0x7f0000000000 3");
        assertThat(pagesOf(plan(Targets.LIBRARIES, three))).containsExactly("0x7f0000000000 3");
    }

    /** What lies beyond the end is not widened over then. */
    @Test
    void aRegionThatIsRoundedOutwardKeepsItsBeginning() throws Exception {
        List<Mapping> mappings = MapsParser.parse("""
                7f0000000000-7f0000100000 r--p 00000000 08:01 8 /lib/libround.so
                7f0000100000-7f0000500000 r-xp 00100000 08:01 8 /lib/libround.so
                7f0000500000-7f0000600000 r--p 00500000 08:01 8 /lib/libround.so
                """.getBytes(StandardCharsets.UTF_8));
        Settings aggressive =
                new Settings(StrategyName.AGGRESSIVE, BackingChoice.THP, MethodChoice.AUTO).withSelection(pages(2));

        Plan plan = ((Decision.Proposed) Planner.plan(
                        new ProcessFacts(
                                PID,
                                "/lib/libround.so",
                                mappings,
                                Optional.of(mappings.get(0).range().start()),
                                List.of(),
                                List.of()),
                        Hosts.withFree(512),
                        aggressive))
                .plan();

        PlanValidator.validate(plan, PID, mappings);
        assertThat(pagesOf(plan)).containsExactly("0x7f0000000000 2");
        assertThat(plan.header().regions().get(0).widened())
                .containsExactly(new Widened(mappings.get(0).range(), Widened.Before.READ_ONLY));
    }
}
