package org.tiexec.it.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All measurements of this project: prints tables, writes JSON and charts.
 *
 * <p>From the root of the project, as root or with 128 free pages of 2 MB:
 *
 * <pre>{@code
 * mvn -q package -DskipTests
 * java -cp 'integration-tests/target/test-classes:tracer/target/lib/*' org.tiexec.it.bench.Suite --svg=charts.svg
 * }</pre>
 *
 * <p>A launch that fails open is fast: whatever was to be measured, the suite fails if it was not there.
 */
public final class Suite {
    private Suite() {}

    /** Runs the benchmarks that the arguments name; {@code --help} tells which. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (List.of(arguments).contains("--help")) {
            out.print(Options.USAGE);
            return;
        }
        try {
            Options options = Options.parse(arguments);
            Path root = Path.of(System.getProperty("tiexec.root", ".")).toRealPath();
            run(root, options, out);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.print(Options.USAGE);
            System.exit(2);
        } catch (BenchmarkException e) {
            System.err.println("bench: failed: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(Path root, Options options, PrintStream out) throws IOException, InterruptedException {
        Machine machine = Machine.thisOne();
        List<Section> sections = new ArrayList<>();
        try (Pool pool = new Pool();
                Scratch scratch = Scratch.create()) {
            cleanUpAtExit(pool, scratch);
            out.println(machine.line());
            out.println(pool.free() + " free pages of 2 MB; " + Counters.availability(options));
            Surroundings here = Surroundings.of(root, options, scratch, System.err);
            for (String name : options.benchmarks()) {
                Section section = benchmark(name, here).run();
                out.print(Table.of(section));
                sections.add(section);
            }
        }
        write(options.path("json"), JsonReport.of(machine, sections));
        write(options.path("svg"), SvgReport.of(machine, sections));
    }

    /** For the end by a signal; at any other it finds nothing to do. */
    private static void cleanUpAtExit(Pool pool, Scratch scratch) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            OurProcesses.now()
                    .forEach(process -> ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly));
            pool.close();
            try {
                OurProcesses.awaitNone();
                scratch.close();
            } catch (IOException e) {
                System.err.println("bench: " + scratch.directory() + " cannot be deleted: " + e.getMessage());
            }
        }));
    }

    private static Benchmark benchmark(String name, Surroundings here) {
        return switch (name) {
            case "launch" -> new LaunchBenchmark(here);
            case "phases" -> new PhasesBenchmark(here);
            case "memory" -> new MemoryBenchmark(here);
            case "pages" -> new PagesBenchmark(here);
            case "resident" -> new ResidentBenchmark(here);
            case "servers" -> new ServersBenchmark(here);
            default -> throw new IllegalArgumentException("there is no benchmark '" + name + "'");
        };
    }

    private static void write(Optional<Path> file, String text) throws IOException {
        if (file.isPresent()) {
            Files.writeString(file.get(), text, StandardCharsets.UTF_8);
        }
    }
}
