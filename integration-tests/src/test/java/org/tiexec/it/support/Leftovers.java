package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What there is after a test that was not there before: processes, zombies, files, huge pages in use. */
final class Leftovers {
    private static final Path TEMPORARY = Path.of("/tmp");
    private static final List<String> OUR_TRACES = List.of("jffi", "jnr", "jna", "tiexec", "hs_err", ".java_pid");

    private final Set<Path> temporaryBefore = temporaryFiles();

    /** Fails if there is anything left; a process that is just ending is waited for. */
    void assertNoneIn(Lab lab) {
        List<String> found = new ArrayList<>();
        List<LiveProcess> alive = lab.remaining(Duration.ofSeconds(5));
        alive.forEach(process -> found.add("process " + process.pid() + " " + process.commandLine()));
        zombies().forEach(process -> found.add("zombie " + process.pid() + " " + process.status("Name")));
        list(lab.workingDirectory()).forEach(file -> found.add("file in the working directory: " + file));
        Set<Path> temporary = temporaryFiles();
        temporary.removeAll(temporaryBefore);
        temporary.forEach(file -> found.add("file " + file));
        if (!lab.pool().isBackToWhereItWas()) {
            found.add("2 MB pages: " + lab.pool().used() + " are still in use");
        }
        if (!found.isEmpty()) {
            throw new AssertionError("left behind: " + String.join("; ", found));
        }
    }

    private static List<LiveProcess> zombies() {
        return new LiveProcess(ProcessHandle.current().pid())
                .tree().stream().filter(process -> process.state() == 'Z').toList();
    }

    private static Set<Path> temporaryFiles() {
        return list(TEMPORARY).stream()
                .filter(file -> OUR_TRACES.stream()
                        .anyMatch(trace -> String.valueOf(file.getFileName()).startsWith(trace)))
                .collect(Collectors.toSet());
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
