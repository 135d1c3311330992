package org.tiexec.it.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tiexec.it.bench.Section.Chart;
import org.tiexec.it.support.LiveProcess;

/** What is left of a launch one second after it, besides the program. */
final class ResidentBenchmark implements Benchmark {
    private static final Duration LATER = Duration.ofSeconds(1);
    private static final String PSS = "PSS";
    private static final double KB_PER_MB = 1024;
    private static final Pattern RSS_LINE = Pattern.compile("(?m)^Rss: +(\\d+) kB$");
    private static final Pattern PSS_LINE = Pattern.compile("(?m)^Pss: +(\\d+) kB$");

    private final Surroundings here;
    private final int rounds;

    ResidentBenchmark(Surroundings here) {
        this.here = here;
        this.rounds = here.options().number("runs", 10);
    }

    /** A launcher with what was left of its launches. */
    private record Left(Launcher launcher, List<Double> processes, List<Double> rss, List<Double> pss) {
        Left(Launcher launcher) {
            this(launcher, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        Row row() {
            return new Row(
                    List.of(launcher.name()),
                    List.of(
                            new Figure("processes", Unit.PROCESSES, new Sample(processes)),
                            new Figure("RSS", Unit.MB, new Sample(rss)),
                            new Figure(PSS, Unit.MB, new Sample(pss))),
                    "");
        }
    }

    @Override
    public Section run() throws IOException, InterruptedException {
        Program program = Program.named("specimen");
        List<String> notes = new ArrayList<>(here.notes());
        notes.addAll(here.makeArchives(program));
        List<Left> all = new ArrayList<>();
        for (JavaHome java : here.javas()) {
            for (String launch : here.options().list("launch", "in-place,child")) {
                all.add(new Left(here.tracer(java, launch)));
            }
        }
        Launcher.baseline().ifPresent(launcher -> all.add(new Left(launcher)));
        for (int round = 0; round < rounds; round++) {
            here.say("resident, round " + (round + 1) + " of " + rounds);
            for (Left left : all) {
                look(left, program);
            }
        }
        return new Section(
                "resident",
                "processes besides the program, and their memory in MB, one second after the program is there, "
                        + rounds + " rounds",
                List.of("launcher"),
                all.stream().map(Left::row).toList(),
                notes,
                new Chart.Bars(PSS));
    }

    private void look(Left left, Program program) throws IOException, InterruptedException {
        try (HeldLaunch held = new HeldLaunch(left.launcher(), program, here.scratch())) {
            long moment = System.nanoTime() + LATER.toNanos();
            Await.that("one second later", () -> System.nanoTime() >= moment);
            List<LiveProcess> others = new ArrayList<>(OurProcesses.now());
            others.remove(held.program());
            if (held.isInPlace() && left.launcher().promised().isPresent() && !others.isEmpty()) {
                throw new BenchmarkException("left behind by a launch in place: "
                        + others.stream().map(LiveProcess::commandLine).toList());
            }
            left.processes().add((double) others.size());
            left.rss().add(sum(others, RSS_LINE));
            left.pss().add(sum(others, PSS_LINE));
        }
    }

    private static double sum(List<LiveProcess> processes, Pattern line) {
        double kilobytes = 0;
        for (LiveProcess process : processes) {
            Matcher matcher = line.matcher(process.read("smaps_rollup"));
            kilobytes += Optional.of(matcher)
                    .filter(Matcher::find)
                    .map(found -> Double.valueOf(found.group(1)))
                    .orElse(0.0);
        }
        return kilobytes / KB_PER_MB;
    }
}
