package org.tiexec.it.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.TextPages;

/** What the tracer has written of a launch into its archive. */
final class ArchivedLaunch {
    private static final double NANOS_PER_MILLI = 1e6;

    private final JsonTree report;

    private ArchivedLaunch(JsonTree report) {
        this.report = report;
    }

    /** Launches a program in place, on reserved pages, and fails unless that was done. */
    static ArchivedLaunch of(Surroundings here, JavaHome java, Program program, List<String> options)
            throws IOException, InterruptedException {
        Path directory = here.scratch().newDirectory("archive");
        List<String> all = new ArrayList<>(options);
        all.add("--archive=" + directory);
        Launcher launcher = here.tracer(java, "in-place", Backing.HUGETLB, all);
        Path told = here.scratch().directory().resolve("told");
        ProcessBuilder builder = launcher.process(program.command())
                .redirectOutput(Redirect.DISCARD)
                .redirectError(told.toFile());
        builder.environment().put(OurProcesses.MARK, OurProcesses.mark());
        int status = builder.start().waitFor();
        OurProcesses.awaitNone();
        Optional<Path> file = onlyFile(directory);
        if (status != 0 || file.isEmpty()) {
            throw new BenchmarkException(launcher.command(program.command()) + " exited with " + status + ": "
                    + Files.readString(told, StandardCharsets.UTF_8));
        }
        JsonTree report = JsonTree.parse(file.get());
        Scratch.delete(directory);
        if (!report.text("outcome").equals("swapped")) {
            throw new BenchmarkException("no swap took place: " + launcher.command(program.command()));
        }
        return new ArchivedLaunch(report);
    }

    /** Whether no 2 MB of the program's code lie aligned, as smaps shows it. */
    static boolean hasNothingToDo(Program program, Scratch scratch) throws IOException, InterruptedException {
        try (HeldLaunch plain = new HeldLaunch(Launcher.plain(), program, scratch)) {
            return TextPages.of(plain.program()).possibleKb() == 0;
        }
    }

    private static Optional<Path> onlyFile(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findFirst();
        }
    }

    /** Milliseconds by phase, in their order. */
    Map<String, Double> phases() {
        Map<String, Double> phases = new LinkedHashMap<>();
        for (JsonTree phase : report.list("phases")) {
            phases.merge(phase.text("name"), phase.number("nanos") / NANOS_PER_MILLI, Double::sum);
        }
        return phases;
    }

    double millisAfter(String name) {
        double sum = 0;
        boolean counting = false;
        for (Map.Entry<String, Double> phase : phases().entrySet()) {
            sum += counting ? phase.getValue() : 0;
            counting |= phase.getKey().equals(name);
        }
        return sum;
    }

    /** How much code was moved. */
    long bytes() {
        long sum = 0;
        for (JsonTree region : attempt().tree("plan").list("regions")) {
            sum += Long.decode(region.text("length"));
        }
        return sum;
    }

    /** Milliseconds that the helper has spent on a task. */
    double millisOfTask(String task) {
        return millisOfSteps(step -> step.text("do").equals(task));
    }

    /** Milliseconds of the calls that put new memory in the place of the code, the tracer's own comparison included. */
    double millisOfSwap() {
        List<String> starts = new ArrayList<>();
        for (JsonTree region : attempt().tree("plan").list("regions")) {
            starts.add(region.text("start"));
        }
        return millisOfSteps(step -> starts.contains(step.text("expect")));
    }

    private double millisOfSteps(Predicate<JsonTree> wanted) {
        double sum = 0;
        List<JsonTree> planned = attempt().tree("plan").list("steps");
        List<JsonTree> done = attempt().list("steps");
        for (int i = 0; i < done.size(); i++) {
            sum += wanted.test(planned.get(i)) ? done.get(i).number("nanos") / NANOS_PER_MILLI : 0;
        }
        if (sum == 0) {
            throw new BenchmarkException("the plan has no such step");
        }
        return sum;
    }

    private JsonTree attempt() {
        List<JsonTree> attempts = report.list("attempts");
        return attempts.get(attempts.size() - 1);
    }
}
