package org.tiexec.it.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.it.bench.Section.Chart;
import org.tiexec.it.support.Backing;

/** On how many pages the code of programs stands, counted in smaps while they run. */
final class PagesBenchmark implements Benchmark {
    private static final String ALL = "translations";

    private final Surroundings here;

    PagesBenchmark(Surroundings here) {
        this.here = here;
    }

    @Override
    public Section run() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Program program : here.programsWithCode()) {
            if (program.isMissing()) {
                rows.add(Row.skipped(program.name(), program.howToInstall()));
                continue;
            }
            here.say(program.name() + ", pages");
            rows.add(count(Launcher.plain(), program));
            for (Backing backing : Backing.values()) {
                rows.add(count(here.tracer(backing), program));
                rows.add(count(here.aggressive(backing), program));
            }
            Optional<Launcher> baseline = Launcher.baseline();
            if (baseline.isPresent()) {
                rows.add(count(baseline.get(), program));
            }
        }
        return new Section(
                "pages",
                "address translations that lead to all of a program's code: pages of 4 KB and of 2 MB",
                List.of("program", "launcher"),
                rows,
                List.of(),
                new Chart.Bars(ALL));
    }

    private Row count(Launcher launcher, Program program) throws IOException, InterruptedException {
        try (HeldLaunch held = new HeldLaunch(launcher, program, here.scratch())) {
            CodePages pages = CodePages.of(held.program(), program.executable());
            return new Row(
                    List.of(program.name(), launcher.name()),
                    List.of(
                            new Figure("4 KB", Unit.PAGES, Sample.of((double) pages.small())),
                            new Figure("2 MB", Unit.PAGES, Sample.of((double) pages.large())),
                            new Figure(ALL, Unit.PAGES, Sample.of((double) (pages.small() + pages.large())))),
                    "");
        }
    }
}
