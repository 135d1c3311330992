package org.tiexec.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A control group whose processes stand still, of either version; closing it lets them go on where they were. */
public final class Freezer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path mount;
    private final Path group;
    private final boolean isVersion1;

    /** Makes the group. */
    public Freezer(Lab lab) {
        Path version1 = Path.of("/sys/fs/cgroup/freezer");
        isVersion1 = Files.isWritable(version1.resolve("cgroup.procs"));
        mount = isVersion1 ? version1 : version2();
        group = mount.resolve("tiexec-it-frozen-" + lab.mark());
        try {
            Files.createDirectory(group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path version2() {
        Path found = Stream.of(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup/unified"))
                .filter(mount -> Files.isWritable(mount.resolve("cgroup.procs")))
                .filter(mount -> Files.exists(mount.resolve("cgroup.controllers")))
                .findFirst()
                .orElse(Path.of("/"));
        assumeTrue(found.getNameCount() > 0, "no control groups that this user may freeze");
        return found;
    }

    /** Takes a process into it, and waits until it stands still. */
    public void freeze(LiveProcess process) {
        write(group.resolve("cgroup.procs"), Long.toString(process.pid()));
        write(switchFile(), isVersion1 ? "FROZEN" : "1");
        Awaitility.await("a frozen group").atMost(PATIENCE).until(this::isFrozen);
    }

    /** Whether it stands still now. */
    public boolean isFrozen() {
        return isVersion1
                ? Command.text(switchFile()).strip().equals("FROZEN")
                : Command.text(group.resolve("cgroup.events")).contains("frozen 1");
    }

    @Override
    public void close() {
        write(switchFile(), isVersion1 ? "THAWED" : "0");
        Command.text(group.resolve("cgroup.procs"))
                .lines()
                .forEach(process -> write(mount.resolve("cgroup.procs"), process));
        ControlGroup.remove(group);
    }

    private Path switchFile() {
        return group.resolve(isVersion1 ? "freezer.state" : "cgroup.freeze");
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
