package org.tiexec.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A limit of how much memory some processes may use: a control group of the memory controller, of either version. */
public final class MemoryQuota implements AutoCloseable {
    private final Path group;
    private final Path events;

    /** Makes a group that may use so many megabytes. */
    public MemoryQuota(Lab lab, int megabytes) {
        Optional<Path> version1 = usable(Path.of("/sys/fs/cgroup/memory"), "memory.limit_in_bytes");
        Optional<Path> version2 = usable(Path.of("/sys/fs/cgroup"), "cgroup.subtree_control")
                .filter(mount ->
                        Command.text(mount.resolve("cgroup.subtree_control")).contains("memory"));
        assumeTrue(
                version1.isPresent() || version2.isPresent(),
                "no control groups with a memory controller that this user may limit");
        group = version1.or(() -> version2).orElseThrow().resolve("tiexec-it-" + lab.mark());
        events = group.resolve(version1.isPresent() ? "memory.oom_control" : "memory.events");
        try {
            Files.createDirectory(group);
            Files.writeString(
                    group.resolve(version1.isPresent() ? "memory.limit_in_bytes" : "memory.max"),
                    Long.toString((long) megabytes << 20),
                    StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> usable(Path mount, String file) {
        return Optional.of(mount).filter(found -> Files.isWritable(found.resolve(file)));
    }

    /** The same command under this limit. */
    public Command limit(Command command) {
        return command.after("sh", "-c", "echo $$ >'" + group.resolve("cgroup.procs") + "' && exec \"$@\"", "sh");
    }

    /** How many processes were killed because the memory did not suffice. */
    public List<String> kills() {
        return Command.text(events)
                .lines()
                .filter(line -> line.startsWith("oom_kill ") && !line.equals("oom_kill 0"))
                .toList();
    }

    @Override
    public void close() {
        ControlGroup.remove(group);
    }
}
