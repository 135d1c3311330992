package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The surroundings of one test: a directory, the pool of huge pages, what it has started.
 *
 * <p>Whatever happens in the test, {@link #close} ends every process that was started here, puts the pool back, deletes
 * the directory.
 */
public final class Lab implements AutoCloseable {
    /** The variable by which every process that was started in a lab is known. */
    static final String MARK = "TIEXEC_IT_LAB";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final AtomicInteger LABS = new AtomicInteger();

    private final String mark = ProcessHandle.current().pid() + "-" + LABS.incrementAndGet();
    private final Path directory = target().resolve("labs").resolve(mark);
    private final Path workingDirectory = directory.resolve("cwd");
    private final HugePagePool pool = new HugePagePool();
    private final ConcurrentLinkedDeque<RunningProgram> started = new ConcurrentLinkedDeque<>();
    private final AtomicInteger files = new AtomicInteger();

    Lab() {
        try {
            Files.createDirectories(workingDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The project's root directory. */
    public static Path root() {
        return Path.of(System.getProperty("tiexec.root", ".")).toAbsolutePath().normalize();
    }

    /** This module's build directory. */
    static Path target() {
        return root().resolve("integration-tests/target");
    }

    /** The pool of 2 MB pages. */
    public HugePagePool pool() {
        return pool;
    }

    /** Makes the machine such that {@code --backing=auto} has to choose this kind of pages. */
    public void provide(Backing backing) {
        pool.provide(backing.freePages());
    }

    /** A program as the user would start it without us. */
    public Command plain(Object... program) {
        List<String> words = Command.strings(program);
        return new Command(this, words, Command.locate(words.get(0)));
    }

    /** The same program started by {@code tracer run}. */
    public Command traced(Object... program) {
        return tracer().of(program);
    }

    /** The command {@code tracer run} with options. */
    public TracerRun tracer(String... options) {
        return new TracerRun(this, root(), List.of(options));
    }

    /** The command {@code tracer attach} with options. */
    public TracerAttach attach(String... options) {
        return new TracerAttach(this, root(), List.of(options));
    }

    /** The command {@code tracer} with other arguments than those of a well-formed {@code run}. */
    public Command tracerCommand(Object... arguments) {
        return plain(root().resolve("tracer/bin/tracer")).before(arguments);
    }

    /** The command {@code helper}. */
    public Command helper(Object... arguments) {
        return plain(root().resolve("helper/bin/helper")).before(arguments);
    }

    /** Where programs are started; it must be empty when the test has passed. */
    public Path workingDirectory() {
        return workingDirectory;
    }

    /** A place for the test's own files. */
    public Path directory() {
        return directory;
    }

    /** A new file in {@link #directory}. */
    public Path file(String name, String content) {
        try {
            return Files.writeString(directory.resolve(name), content, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new executable file in {@link #directory}. */
    public Path script(String name, String content) {
        Path script = file(name, content);
        if (!script.toFile().setExecutable(true, false)) {
            throw new IllegalStateException(script + " cannot be made executable");
        }
        return script;
    }

    /** A new named pipe in {@link #directory}. */
    public Path fifo(String name) {
        Path fifo = directory.resolve(name);
        if (plain("mkfifo", fifo).run().status() != 0) {
            throw new IllegalStateException(fifo + " cannot be made");
        }
        return fifo;
    }

    /** A port of the loopback interface that nobody uses now. */
    public int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String mark() {
        return mark;
    }

    Path newFile(String kind) {
        return directory.resolve(kind + files.incrementAndGet());
    }

    RunningProgram watch(RunningProgram program) {
        started.add(program);
        return program;
    }

    /** Every process that lives and was started here, or descends from one that was. */
    public List<LiveProcess> processes() {
        String marked = MARK + "=" + mark + "\0";
        List<LiveProcess> found = new ArrayList<>();
        for (LiveProcess process : LiveProcess.all()) {
            if (process.environment().contains(marked)) {
                found.add(process);
            }
        }
        for (RunningProgram program : started) {
            // the number of one that has ended may be somebody else's by now
            List<LiveProcess> tree =
                    program.hasEnded() ? List.of() : program.process().tree();
            for (LiveProcess process : tree) {
                if (process.isAlive() && !found.contains(process)) {
                    found.add(process);
                }
            }
        }
        return found;
    }

    /** Every such process that does not end within a time. */
    public List<LiveProcess> remaining(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        List<LiveProcess> alive = processes();
        while (!alive.isEmpty() && System.nanoTime() < deadline) {
            alive = processes();
        }
        return alive;
    }

    @Override
    public void close() {
        try {
            endProcesses();
        } finally {
            pool.close();
        }
        delete(directory);
    }

    private void endProcesses() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (List<LiveProcess> alive = processes(); !alive.isEmpty(); alive = processes()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("cannot be ended: " + alive);
            }
            alive.forEach(LiveProcess::kill);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
