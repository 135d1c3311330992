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
import java.util.concurrent.TimeUnit;
import org.tiexec.it.bench.Section.Chart;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.TextPages;

/**
 * The throughput of servers, plain and on both kinds of 2 MB pages: in each round every variant is started anew, loaded,
 * ended, and the variants take turns in being the first.
 */
final class ServersBenchmark implements Benchmark {
    private static final String RATIO = "ratio";
    private static final int WARM_UP_SECONDS = 1;

    private final Surroundings here;
    private final int rounds;
    private final int seconds;
    private final Counters counters;

    ServersBenchmark(Surroundings here) {
        this.here = here;
        this.rounds = here.options().number("runs", 10);
        this.seconds = here.options().number("seconds", 4);
        this.counters = Counters.of(here.options(), here.scratch());
    }

    /** One way to start the server with what it reached. */
    private static final class Variant {
        private final Launcher launcher;
        private final Pairs pairs = new Pairs();
        private final Map<String, List<Double>> counted = new LinkedHashMap<>();
        private boolean hasLargePages;
        private double perSecond;

        Variant(Launcher launcher) {
            this.launcher = launcher;
        }
    }

    @Override
    public Section run() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (String name : here.options().list("servers", "pgbench,redis,node,prometheus")) {
            Server server = server(name);
            List<String> missing = server.missingPackages();
            if (missing.isEmpty()) {
                server.prepare();
                rows.addAll(compare(server));
            } else {
                rows.add(Row.skipped(name, "as root: apt-get install " + String.join(" ", missing)));
            }
        }
        return new Section(
                "servers",
                "throughput as a multiple of the plain server's, median of " + rounds + " rounds of " + seconds + " s",
                List.of("server", "pages"),
                rows,
                List.of(
                        "ratio: to the plain server of the same round; interval: of the median of the ratios, "
                                + Section.coverage(rows, RATIO),
                        Counters.availability(here.options())),
                new Chart.Bars(RATIO));
    }

    private Server server(String name) throws IOException {
        return switch (name) {
            case "pgbench" -> new PostgresServer(here.scratch());
            case "redis" -> new RedisServer(here.scratch());
            case "node" -> new NodeServer();
            case "prometheus" -> new PrometheusServer(here.scratch());
            default -> throw new IllegalArgumentException("there is no server '" + name + "'");
        };
    }

    private List<Row> compare(Server server) throws IOException, InterruptedException {
        List<Variant> variants = new ArrayList<>();
        Variant plain = new Variant(Launcher.plain());
        variants.add(plain);
        for (Backing backing : Backing.values()) {
            variants.add(new Variant(here.tracer(backing)));
        }
        Launcher.baseline().ifPresent(launcher -> variants.add(new Variant(launcher)));
        for (int round = 0; round < rounds; round++) {
            here.say(server.name() + ", round " + (round + 1) + " of " + rounds);
            for (int turn = 0; turn < variants.size(); turn++) {
                measure(server, variants.get((round + turn) % variants.size()));
            }
            for (Variant variant : variants) {
                variant.pairs.add(plain.perSecond, variant.perSecond);
            }
        }
        return variants.stream().map(variant -> row(server, plain, variant)).toList();
    }

    private static Row row(Server server, Variant plain, Variant variant) {
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure("1/s", Unit.PER_SECOND, variant.pairs.others()));
        if (variant != plain) {
            figures.add(new Figure(RATIO, Unit.RATIO, variant.pairs.ratios()));
        }
        variant.counted.forEach((event, values) -> figures.add(new Figure(event, Unit.EVENTS, new Sample(values))));
        String remark = "";
        if (variant == plain) {
            remark = server.load();
        } else if (!variant.hasLargePages) {
            remark = variant.launcher.promised().isPresent()
                    ? "has less than 2 MB of aligned code, nothing was done: shows only the noise"
                    : "its code is NOT on 2 MB pages";
        }
        return new Row(List.of(server.name(), variant.launcher.name()), figures, remark);
    }

    private void measure(Server server, Variant variant) throws IOException, InterruptedException {
        Path told = here.scratch().directory().resolve("told");
        List<String> command = new ArrayList<>(server.user());
        command.addAll(variant.launcher.command(server.program().command()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(Redirect.DISCARD).redirectError(told.toFile());
        variant.launcher
                .java()
                .ifPresent(java ->
                        builder.environment().put("JAVA_HOME", java.directory().toString()));
        builder.environment().put(OurProcesses.MARK, OurProcesses.mark());
        Process process = builder.start();
        try {
            Await.that("an answer of " + String.join(" ", command), () -> {
                if (!process.isAlive()) {
                    throw new BenchmarkException(String.join(" ", command) + " exited with " + process.exitValue()
                            + ": " + Files.readString(told, StandardCharsets.UTF_8));
                }
                return server.answers();
            });
            load(server, variant, program(process, server));
        } finally {
            end(process);
        }
    }

    private void load(Server server, Variant variant, LiveProcess program) throws IOException, InterruptedException {
        prove(variant, program);
        server.perSecond(LoadTool.run(server.loadFor(WARM_UP_SECONDS)));
        variant.perSecond = server.perSecond(LoadTool.run(counters.around(program.pid(), server.loadFor(seconds))));
        counters.counted()
                .forEach((event, count) -> variant.counted
                        .computeIfAbsent(event.replace("-load-misses", "") + "/req", key -> new ArrayList<>())
                        .add(count / (variant.perSecond * seconds)));
        prove(variant, program);
    }

    private static LiveProcess program(Process process, Server server) throws IOException {
        Optional<Path> executable = Optional.of(server.program().executable());
        return Await.answer(
                "the process of " + server.name(),
                () -> new LiveProcess(process.pid())
                        .tree().stream()
                                .filter(candidate -> candidate.executable().equals(executable))
                                .findFirst());
    }

    /** Fails unless its code is where the launcher was told to put it, if there is enough of it. */
    private static void prove(Variant variant, LiveProcess program) {
        TextPages text = TextPages.of(program);
        variant.hasLargePages = text.hugetlbKb() + text.thpKb() > 0;
        if (text.possibleKb() > 0
                && variant.launcher.promised().isPresent()
                && !text.isWhollyOn(variant.launcher.promised().get())) {
            throw new BenchmarkException(
                    "process " + program.pid() + " is not on " + variant.launcher.promised() + ": " + text);
        }
        if (variant.launcher.words().isEmpty() && variant.hasLargePages) {
            throw new BenchmarkException("the plain process " + program.pid() + " is on 2 MB pages: " + text);
        }
    }

    /** By SIGTERM; PostgreSQL's children follow their parent. */
    private static void end(Process process) throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        OurProcesses.awaitNone();
    }
}
