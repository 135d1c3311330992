package org.tiexec.tracer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.PageCounts;
import org.tiexec.protocol.outcome.Phase;
import org.tiexec.protocol.outcome.RegionOutcome;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.StrategyName;

class ReportTextTest {
    private static final AddressRange MAPPING = new AddressRange(new Address(0x5ff000), new Address(0xc10000));
    private static final AddressRange RANGE = new AddressRange(new Address(0x600000), new Address(0xc00000));
    private static final PageCounts SMALL = new PageCounts(1553, 0);

    private static Attempt attempt(Optional<String> failure, PageCounts after, List<String> notes) {
        RegionId r1 = new RegionId("r1");
        PlanHeader header = new PlanHeader(
                42,
                "/usr/bin/prog",
                "x86_64",
                StrategyName.CONSERVATIVE,
                BackingName.THP,
                MethodName.STAGED_SWAP,
                List.of(new Region(r1, RANGE, MAPPING, 0, Protection.READ_EXECUTE)),
                notes,
                new HostFacts("6.1", "madvise", 0, 0, 0, 0));
        return new Attempt(
                new Plan(header, List.of()),
                List.of(),
                List.of(),
                List.of(new RegionOutcome(r1, "", failure, SMALL, after, Optional.empty())));
    }

    @Test
    void aSwappedRegionShowsItsPagesBeforeAndAfter() {
        RunReport report = new RunReport(
                Purpose.LAUNCH,
                42,
                "prog",
                "swapped",
                List.of(attempt(Optional.empty(), new PageCounts(17, 3), List.of("hugetlb: 3 pages needed, 0 free"))),
                List.of(),
                List.of(),
                List.of(new Phase("plan", 1_249_999), new Phase("execute", 12_950_000)),
                List.of(14_200_000L));
        assertThat(ReportText.of(report)).isEqualTo("""
                tracer: prog (pid 42): its code is on 2 MB pages
                  r1 0x600000-0xc00000 6 MB of /usr/bin/prog, thp, staged-swap: \
                4 KB pages 1553 -> 17, 2 MB pages 0 -> 3
                  note: hugetlb: 3 pages needed, 0 free
                  time, ms: plan 1.2, execute 13.0
                  the program stood still for 14.2 ms before its first instruction
                """);
    }

    @Test
    void aRegionThatStayedSaysWhy() {
        RunReport report = new RunReport(
                Purpose.LAUNCH,
                42,
                "prog",
                "not-swapped",
                List.of(attempt(Optional.of("mmap (stage r1): ENOMEM (Cannot allocate memory)"), SMALL, List.of())),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        assertThat(ReportText.of(report))
                .contains("prog (pid 42): not on 2 MB pages")
                .contains("1553 -> 1553, 2 MB pages 0 -> 0; not swapped: mmap (stage r1): ENOMEM");
    }

    @Test
    void whatWasNotEvenTriedSaysWhy() {
        RunReport report = new RunReport(
                Purpose.LAUNCH,
                42,
                "prog",
                "nothing-to-do",
                List.of(),
                List.of("nothing to do: too small"),
                List.of(),
                List.of(),
                List.of());
        assertThat(ReportText.of(report))
                .startsWith("tracer: prog (pid 42): nothing to do: too small\n")
                .doesNotContain("not done");
    }

    private static RunReport attached(Purpose purpose, String outcome, List<Attempt> attempts, List<Long> stops) {
        return new RunReport(
                purpose,
                42,
                "prog",
                outcome,
                attempts,
                List.of("memory of a tracer that was killed stays at 0x1000-0x3000"),
                List.of("thread 43 waits in call 232 for the whole of its timeout again"),
                List.of(new Phase("plan", 1_000_000)),
                stops);
    }

    @Test
    void anAttachTellsHowLongThreadsWereStoppedAndWhatTheyNoticed() {
        RunReport report = attached(
                Purpose.ATTACH,
                "swapped",
                List.of(attempt(Optional.empty(), new PageCounts(17, 3), List.of())),
                List.of(400_000L, 1_250_000L, 300_000L));
        assertThat(ReportText.of(report)).isEqualTo("""
                tracer: prog (pid 42): its code is on 2 MB pages
                  r1 0x600000-0xc00000 6 MB of /usr/bin/prog, thp, staged-swap: \
                4 KB pages 1553 -> 17, 2 MB pages 0 -> 3
                  noticed: thread 43 waits in call 232 for the whole of its timeout again
                  not done: memory of a tracer that was killed stays at 0x1000-0x3000
                  time, ms: plan 1.0
                  it ran on but for 3 stops of 1.3 ms at most, 2.0 ms in all
                """);
    }

    @Test
    void whoeverWasNotStoppedIsNotSaidToHaveBeen() {
        assertThat(ReportText.of(attached(Purpose.UNDO, "undone", List.of(), List.of())))
                .contains("prog (pid 42): its code is back on its files\n")
                .endsWith("  it was never stopped\n");
    }
}
