package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.WaitStatus;

/**
 * A program that runs by itself, for tests that do something to it from outside.
 *
 * <p>It is not started by the JVM's own means: those would take the stops of its main thread for themselves. Its output goes
 * to a file. Closing this ends it.
 */
public final class StrangerProgram implements AutoCloseable {
    private static final int SIGKILL = 9;
    private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(30));

    private final Processes processes;
    private final int pid;
    private final Path out;
    private Optional<WaitStatus> end = Optional.empty();

    private StrangerProgram(Processes processes, int pid, Path out) {
        this.processes = processes;
        this.pid = pid;
        this.out = out;
    }

    /** Starts one and waits for its line {@code ready}. */
    public static StrangerProgram start(NativeLibrary library, Lab lab, Object... words) throws IOException {
        StrangerProgram program = startUnready(library, lab, words);
        program.awaitOutput("ready\n");
        return program;
    }

    /** Starts one that says nothing. */
    public static StrangerProgram startUnready(NativeLibrary library, Lab lab, Object... words) throws IOException {
        Path out = Files.createTempFile(lab.directory(), "stranger", "");
        List<byte[]> argv = new ArrayList<>();
        for (String word : List.of("sh", "-c", "out=$0; exec \"$@\" >\"$out\" 2>&1", out.toString())) {
            argv.add(word.getBytes(StandardCharsets.UTF_8));
        }
        for (Object word : words) {
            argv.add(word.toString().getBytes(StandardCharsets.UTF_8));
        }
        Processes processes = new Processes(library);
        int pid = processes.spawn("/bin/sh".getBytes(StandardCharsets.UTF_8), argv, Set.of());
        return new StrangerProgram(processes, pid, out);
    }

    /** Its process id. */
    public int pid() {
        return pid;
    }

    /** The process. */
    public LiveProcess process() {
        return new LiveProcess(pid);
    }

    /** What it has written so far. */
    public String output() {
        return Command.text(out);
    }

    /** Waits until it has written something. */
    public void awaitOutput(String text) {
        Awaitility.await(text)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> output().contains(text));
    }

    /** Waits until nobody traces any of its threads: a thread of this JVM has ended only some time after Java says so. */
    public void awaitUntraced() {
        Awaitility.await("process " + pid + " without tracer")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> tracers().equals(Set.of("0")));
    }

    private Set<String> tracers() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.map(task ->
                            new LiveProcess(Long.parseLong(task.getFileName().toString())).status("TracerPid"))
                    .collect(Collectors.toSet());
        }
    }

    /** Sends it a signal. */
    public void signal(int number) {
        processes.kill(pid, number);
    }

    /** Waits for its end. */
    public WaitStatus awaitEnd() {
        Awaitility.await("the end of process " + pid + ": " + output())
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(this::hasEnded);
        return end.orElseThrow();
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        if (end.isEmpty()) {
            end = processes
                    .poll(pid, Processes.WAIT_ALL)
                    .map(WaitStatus::decode)
                    .filter(status -> status instanceof WaitStatus.Exited || status instanceof WaitStatus.Killed);
        }
        return end.isPresent();
    }

    @Override
    public void close() {
        // Whoever traces its main thread in this JVM may have taken note of its end.
        boolean isThere = Files.exists(Path.of("/proc/" + pid));
        if (isThere && !hasEnded()) {
            processes.kill(pid, SIGKILL);
            awaitEnd();
        }
    }
}
