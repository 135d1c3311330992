package org.tiexec.it.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tiexec.it.bench.Section.Chart;

/** What the tracer does with the time of a launch, as its archive tells it. */
final class PhasesBenchmark implements Benchmark {
    /** The last phase before the plan has arrived; all that follow, up to the resumed program, are the change. */
    private static final String PLAN = "plan";

    private final Surroundings here;
    private final int rounds;

    PhasesBenchmark(Surroundings here) {
        this.here = here;
        this.rounds = here.options().number("runs", 10);
    }

    @Override
    public Section run() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>(here.notes());
        boolean hasArchives = false;
        for (Program program : here.programsWithCode()) {
            if (program.isMissing()) {
                rows.add(Row.skipped(program.name(), program.howToInstall()));
                continue;
            }
            if (!hasArchives) {
                notes.addAll(here.makeArchives(program));
                hasArchives = true;
            }
            if (ArchivedLaunch.hasNothingToDo(program, here.scratch())) {
                rows.add(Row.skipped(program.name(), "has less than 2 MB of aligned code: nothing to do"));
                continue;
            }
            rows.addAll(measure(program, notes));
        }
        return new Section(
                "phases",
                "time from the start of the tracer's JVM to the resumed program, ms, launch in place, hugetlb, medians of "
                        + rounds + " runs",
                List.of("program", "Java"),
                rows,
                notes,
                new Chart.Stacks());
    }

    private List<Row> measure(Program program, List<String> notes) throws IOException, InterruptedException {
        Map<JavaHome, Map<String, List<Double>>> phases = new LinkedHashMap<>();
        Map<JavaHome, List<Double>> changes = new LinkedHashMap<>();
        long bytes = 0;
        for (int round = 0; round < rounds; round++) {
            here.say(program.name() + ", round " + (round + 1) + " of " + rounds);
            for (JavaHome java : here.javas()) {
                ArchivedLaunch launch = ArchivedLaunch.of(here, java, program, List.of());
                launch.phases()
                        .forEach((phase, millis) -> phases.computeIfAbsent(java, key -> new LinkedHashMap<>())
                                .computeIfAbsent(phase, key -> new ArrayList<>())
                                .add(millis));
                changes.computeIfAbsent(java, key -> new ArrayList<>()).add(launch.millisAfter(PLAN));
                bytes = launch.bytes();
            }
        }
        List<Row> rows = new ArrayList<>();
        for (JavaHome java : here.javas()) {
            List<Figure> figures = new ArrayList<>();
            phases.getOrDefault(java, Map.of())
                    .forEach((phase, millis) -> figures.add(new Figure(phase, Unit.MILLIS, new Sample(millis))));
            rows.add(new Row(List.of(program.name(), java.version()), figures, ""));
            Sample change = new Sample(changes.getOrDefault(java, List.of()));
            long megabytes = bytes >> 20;
            notes.add(String.format(
                    Locale.ROOT,
                    "%s, Java %s: from plan to resume %s ms %s, %d MB: 4 ms + %.2f ms per MB",
                    program.name(),
                    java.version(),
                    Unit.MILLIS.format(change.median()),
                    Unit.MILLIS.format(change.medianInterval()),
                    megabytes,
                    (change.median() - 4) / megabytes));
        }
        return rows;
    }
}
