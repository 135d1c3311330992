package org.tiexec.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A limit of how many pages of the pool some processes may touch: a control group of the hugetlb controller.
 *
 * <p>Beyond it, mmap still succeeds and the pool has free pages, but touching one fails, as it does for whoever lost a race.
 */
public final class HugePageQuota implements AutoCloseable {
    private static final long PAGE = 2L << 20;

    private final Path group;
    private final Path delegation;
    private final boolean delegated;

    /** Makes a group that may touch so many pages. */
    public HugePageQuota(Lab lab, int pages) {
        Optional<Path> hierarchy = hierarchy();
        assumeTrue(hierarchy.isPresent(), "no cgroup2 hierarchy with the hugetlb controller");
        delegation = hierarchy.orElseThrow().resolve("cgroup.subtree_control");
        group = hierarchy.orElseThrow().resolve("tiexec-it-" + lab.mark());
        delegated = Command.text(delegation).contains("hugetlb");
        if (!delegated) {
            write(delegation, "+hugetlb");
        }
        try {
            Files.createDirectory(group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(group.resolve("hugetlb.2MB.max"), Long.toString(pages * PAGE));
    }

    /** The same command under this limit. */
    public Command limit(Command command) {
        return command.after("sh", "-c", "echo $$ >'" + group.resolve("cgroup.procs") + "' && exec \"$@\"", "sh");
    }

    @Override
    public void close() {
        try {
            Files.delete(group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!delegated) {
                write(delegation, "-hugetlb");
            }
        }
    }

    private static Optional<Path> hierarchy() {
        return new LiveProcess(ProcessHandle.current().pid())
                .read("mounts")
                .lines()
                .map(line -> line.split(" "))
                .filter(fields -> fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1]))
                .filter(mount -> Files.isWritable(mount.resolve("cgroup.subtree_control"))
                        && Command.text(mount.resolve("cgroup.controllers")).contains("hugetlb"))
                .findFirst();
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
