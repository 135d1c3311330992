package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tiexec.it.bench.Section.Chart;
import org.tiexec.it.support.Specimens;

/** How fast the work on memory is, beside what one thread of a C program reaches with the same amount in the same round. */
final class MemoryBenchmark implements Benchmark {
    private static final String SPEED = "speed";
    private static final String REFERENCE = "memcpy + clear";
    private static final double MILLIS_PER_SECOND = 1000;

    private final Surroundings here;
    private final int rounds;
    private final Map<String, Pairs> measured = new LinkedHashMap<>();

    MemoryBenchmark(Surroundings here) {
        this.here = here;
        this.rounds = here.options().number("runs", 10);
    }

    @Override
    public Section run() throws IOException, InterruptedException {
        Program program = Program.named("large");
        List<String> notes = new ArrayList<>(here.notes());
        notes.addAll(here.makeArchives(program));
        long megabytes = 0;
        for (int round = -1; round < rounds; round++) {
            here.say("memory, round " + (round + 1) + " of " + rounds);
            for (JavaHome java : here.javas()) {
                ArchivedLaunch staged = ArchivedLaunch.of(here, java, program, List.of("--method=staged-swap"));
                ArchivedLaunch inPlace = ArchivedLaunch.of(here, java, program, List.of("--method=in-place"));
                megabytes = staged.bytes() >> 20;
                List<Double> reference = reference(megabytes);
                if (round >= 0) {
                    add(java, staged, inPlace, reference);
                }
            }
        }
        double size = megabytes;
        List<Row> rows = new ArrayList<>();
        measured.forEach((name, pairs) -> rows.add(new Row(
                List.of(name),
                List.of(
                        new Figure(SPEED, Unit.MB_PER_SECOND, speed(size, pairs.others())),
                        new Figure("time / reference", Unit.RATIO, pairs.ratios())),
                "")));
        notes.add("time / reference: how many times as long as " + REFERENCE
                + " in the same round, median of the ratios");
        notes.add(
                "fill includes reading back; swap includes the tracer's comparison; plan to resume is all of the stop");
        return new Section(
                "memory",
                "work on " + megabytes + " MB of code, MB/s, hugetlb, " + rounds + " rounds",
                List.of("work"),
                rows,
                notes,
                new Chart.Bars(SPEED));
    }

    private void add(JavaHome java, ArchivedLaunch staged, ArchivedLaunch inPlace, List<Double> reference) {
        double base = reference.get(1);
        add("memcpy", base, reference.get(0));
        add(REFERENCE, base, base);
        String of = ", " + java.version();
        add("snapshot" + of, base, inPlace.millisOfTask("snapshot"));
        add("verify" + of, base, inPlace.millisOfTask("verify"));
        add("fill" + of, base, staged.millisOfTask("fill"));
        add("swap" + of, base, staged.millisOfSwap());
        add("plan to resume" + of, base, staged.millisAfter("plan"));
    }

    private void add(String name, double base, double millis) {
        measured.computeIfAbsent(name, key -> new Pairs()).add(base, millis);
    }

    private static Sample speed(double megabytes, Sample millis) {
        return new Sample(millis.values().stream()
                .map(each -> megabytes * MILLIS_PER_SECOND / each)
                .toList());
    }

    /** Milliseconds of a memcpy into memory that is there, then of one into 2 MB pages that the kernel has yet to clear. */
    private static List<Double> reference(long megabytes) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Specimens.copying().toString(), Long.toString(megabytes))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new BenchmarkException("the memcpy of " + megabytes + " MB failed");
        }
        return out.lines().map(Double::valueOf).toList();
    }
}
