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

    private final Path mountedHere;
    private final boolean isMountedHere;
    private final Path group;
    private final Path delegation;
    private final boolean delegated;

    /** Makes a group that may touch so many pages. */
    public HugePageQuota(Lab lab, int pages) {
        mountedHere = lab.directory().resolve("cgroup2");
        Optional<Path> found = hierarchy();
        // In a chroot there is often none below /sys.
        isMountedHere = found.isEmpty() && mount();
        Optional<Path> hierarchy = isMountedHere ? hierarchy() : found;
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
            ControlGroup.remove(group);
        } finally {
            if (!delegated) {
                write(delegation, "-hugetlb");
            }
            if (isMountedHere) {
                succeeds("umount", mountedHere.toString());
            }
        }
    }

    private boolean mount() {
        try {
            Files.createDirectory(mountedHere);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return succeeds("mount", "-t", "cgroup2", "none", mountedHere.toString());
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
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
