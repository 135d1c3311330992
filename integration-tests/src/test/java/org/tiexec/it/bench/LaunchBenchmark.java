package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tiexec.it.support.Specimens;

/**
 * What a launch through {@code tracer run} costs, cold, against a plain one: paired runs, interleaved, so that a machine
 * that gets slower or faster meanwhile does so for both.
 *
 * <p>From the root of the project, after {@code mvn -B verify} or {@code mvn -B test-compile package -DskipTests}, as root
 * or with at least 75 pages of 2 MB reserved:
 *
 * <pre>{@code
 * sysctl vm.nr_hugepages=128
 * java -cp integration-tests/target/test-classes org.tiexec.it.bench.LaunchBenchmark 20
 * JAVA_HOME=/usr/lib/jvm/temurin-25-jdk-amd64 java -cp … org.tiexec.it.bench.LaunchBenchmark 20
 * }</pre>
 *
 * <p>The argument is the number of rounds. JAVA_HOME chooses the JDK of tracer and helper. A round in which the swap did
 * not take place ends the benchmark: launches that fail open are fast.
 */
public final class LaunchBenchmark {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Pattern PHASE = Pattern.compile("([A-Za-z][A-Za-z ]*?) (\\d+\\.\\d)");
    private static final Pattern REGION =
            Pattern.compile("(?m)^ +\\S+ \\S+ (\\d+) MB of .*, hugetlb, staged-swap: .*$");
    private static final String SWAPPED = "its code is on 2 MB pages";

    /** The last phase before the plan has arrived; all that follow, up to the resumed program, count as the change. */
    private static final String PLAN = "plan";

    private final Path root;
    private final int rounds;

    private LaunchBenchmark(Path root, int rounds) {
        this.root = root;
        this.rounds = rounds;
    }

    /** Runs the benchmark with so many rounds as the argument says, 10 by default. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int rounds = args.length == 0 ? 10 : Integer.parseInt(args[0]);
        Path root = Path.of(System.getProperty("tiexec.root", ".")).toRealPath();
        LaunchBenchmark benchmark = new LaunchBenchmark(root, rounds);
        benchmark.compare("node -v", List.of("node", "-v"));
        benchmark.compare(
                "a program with 150 MB of code",
                List.of(Specimens.largeSpecimen().toString(), "exit", "0"));
        benchmark.compareNothingToDo();
    }

    private void compare(String name, List<String> program) throws IOException, InterruptedException {
        List<Double> plain = new ArrayList<>();
        List<Double> traced = new ArrayList<>();
        List<Double> added = new ArrayList<>();
        List<Double> change = new ArrayList<>();
        Map<String, List<Double>> phases = new LinkedHashMap<>();
        long megabytes = 0;
        for (int round = -1; round < rounds; round++) {
            Run first = run(program);
            Run second = run(through(List.of("-v", "--backing=hugetlb", "--method=staged-swap"), program));
            megabytes = second.swappedMegabytes();
            if (round < 0) {
                // the first pair only fills the page cache
                continue;
            }
            plain.add(first.millis());
            traced.add(second.millis());
            added.add(second.millis() - first.millis());
            change.add(second.millisAfter(PLAN));
            second.phases()
                    .forEach((phase, millis) -> phases.computeIfAbsent(phase, key -> new ArrayList<>())
                            .add(millis));
        }
        System.out.printf("%n%s: %d rounds, %d MB on 2 MB pages; milliseconds%n", name, rounds, megabytes);
        print("plain, wall", plain);
        print("tracer run, wall", traced);
        print("added", added);
        phases.forEach((phase, millis) -> print("  " + phase, millis));
        print("from plan to resume", change);
        System.out.printf(
                "  the same, median: %.1f ms = 4 ms + %.2f ms per MB (goal: at most 4 ms + 0.35 ms per MB)%n",
                median(change), (median(change) - 4) / megabytes);
    }

    private void compareNothingToDo() throws IOException, InterruptedException {
        List<Double> added = new ArrayList<>();
        for (int round = -1; round < rounds; round++) {
            double plain = run(List.of("true")).millis();
            double traced = run(through(List.of(), List.of("true"))).millis();
            if (round >= 0) {
                added.add(traced - plain);
            }
        }
        System.out.printf("%ntrue, with nothing to do: %d rounds; milliseconds%n", rounds);
        print("added", added);
    }

    private List<String> through(List<String> options, List<String> program) {
        List<String> command =
                new ArrayList<>(List.of(root.resolve("tracer/bin/tracer").toString(), "run"));
        command.addAll(options);
        command.add("--");
        command.addAll(program);
        return command;
    }

    /**
     * One run.
     *
     * @param millis from its start until its end was seen
     * @param told what it wrote to standard error
     */
    private record Run(double millis, String told) {
        Map<String, Double> phases() {
            Map<String, Double> phases = new LinkedHashMap<>();
            int start = told.indexOf("time, ms:");
            String line = told.substring(start + "time, ms:".length(), told.indexOf('\n', start));
            Matcher phase = PHASE.matcher(line);
            while (phase.find()) {
                phases.merge(phase.group(1), Double.valueOf(phase.group(2)), Double::sum);
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

        long swappedMegabytes() {
            if (!told.contains(SWAPPED)) {
                throw new IllegalStateException("no swap took place: " + told);
            }
            long sum = 0;
            Matcher region = REGION.matcher(told);
            while (region.find()) {
                sum += Long.parseLong(region.group(1));
            }
            return sum;
        }
    }

    private static Run run(List<String> command) throws IOException, InterruptedException {
        Path told = Files.createTempFile("launch-benchmark", "");
        try {
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(told.toFile())
                    .start();
            int status = process.waitFor();
            double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
            String text = Files.readString(told, StandardCharsets.UTF_8);
            if (status != 0) {
                throw new IllegalStateException(command + " exited with " + status + ": " + text);
            }
            return new Run(millis, text);
        } finally {
            Files.delete(told);
        }
    }

    private static void print(String label, List<Double> millis) {
        System.out.printf(
                "  %-24s median %7.1f   min %7.1f   max %7.1f%n",
                label,
                median(millis),
                millis.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN),
                millis.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN));
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
