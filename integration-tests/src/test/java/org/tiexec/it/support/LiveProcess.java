package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process as {@code /proc} shows it; it may end at any moment, and then reads as nothing.
 *
 * @param pid its id
 */
public record LiveProcess(long pid) {
    private static final String KEPT = "TIEXEC_ENVIRON_";

    /** Every process of this machine. */
    public static List<LiveProcess> all() {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(name -> new LiveProcess(Long.parseLong(name)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its file {@code name} in {@code /proc}. */
    public Path file(String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }

    /** The content of that file; empty if the process is gone. */
    public String read(String name) {
        try {
            return new String(Files.readAllBytes(file(name)), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** What it was started with, and, if it is a JVM of ours, what that keeps for the program. */
    public String environment() {
        String own = read("environ");
        StringBuilder kept = new StringBuilder();
        own.lines()
                .flatMap(line -> Stream.of(line.split("\0", -1)))
                .filter(variable -> variable.startsWith(KEPT))
                .sorted()
                .forEach(variable -> kept.append(variable.substring(variable.indexOf('=') + 1)));
        return own + new String(Base64.getMimeDecoder().decode(kept.toString()), StandardCharsets.ISO_8859_1);
    }

    /** The value of a line of {@code /proc/PID/status}; empty if there is none. */
    public String status(String key) {
        return read("status")
                .lines()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** R, S, T and so on ({@code proc_pid_stat(5)}); X if it is gone. */
    public char state() {
        String state = status("State");
        return state.isEmpty() ? 'X' : state.charAt(0);
    }

    /** Whether it still runs, or could: other threads may go on when the first has ended and is a zombie. */
    public boolean isAlive() {
        char state = state();
        return state == 'Z' ? threads().size() > 1 : state != 'X';
    }

    /** The file that it executes. */
    public Optional<Path> executable() {
        try {
            return Optional.of(Files.readSymbolicLink(file("exe")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Its arguments, separated by blanks. */
    public String commandLine() {
        return read("cmdline").replace('\0', ' ').strip();
    }

    /** Its children now. */
    public List<LiveProcess> children() {
        List<LiveProcess> children = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(file("task"))) {
            for (Path task : tasks.toList()) {
                String listed = read("task/" + task.getFileName() + "/children");
                listed.lines()
                        .flatMap(line -> Stream.of(line.split(" ")))
                        .forEach(child -> children.add(new LiveProcess(Long.parseLong(child))));
            }
        } catch (IOException e) {
            return children;
        }
        return children;
    }

    /** The ids of its threads now. */
    public List<Long> threads() {
        try (Stream<Path> tasks = Files.list(file("task"))) {
            return tasks.map(task -> Long.valueOf(String.valueOf(task.getFileName())))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Itself and all that descend from it, the nearest first. */
    public List<LiveProcess> tree() {
        List<LiveProcess> tree = new ArrayList<>();
        Deque<LiveProcess> waiting = new ArrayDeque<>(List.of(this));
        while (!waiting.isEmpty()) {
            LiveProcess next = waiting.remove();
            tree.add(next);
            waiting.addAll(next.children());
        }
        return tree;
    }

    /** Whether the group it belongs to is named after it. */
    public boolean leadsItsGroup() {
        String stat = read("stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        return fields.length > 2 && fields[2].equals(Long.toString(pid));
    }

    /** Sends it a signal by its name, such as {@code TERM}. */
    public void signal(String name) {
        run("sh", "-c", "kill -" + name + " " + pid);
    }

    /** Sends a signal to every process of the group that it leads. */
    public void signalGroup(String name) {
        run("perl", "-e", "kill '" + name + "', -" + pid + " or die $!");
    }

    private static void run(String... command) {
        try {
            new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends it at once. */
    void kill() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
}
