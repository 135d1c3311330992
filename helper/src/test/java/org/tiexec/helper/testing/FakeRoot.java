package org.tiexec.helper.testing;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that looks like {@code /} to those who read /proc and /sys. */
public final class FakeRoot {
    private static final String POOL = "sys/kernel/mm/hugepages/hugepages-2048kB/";

    private final Path directory;

    public FakeRoot(Path directory) {
        this.directory = directory;
    }

    /** A kernel of that release, without huge pages of any kind. */
    public static FakeRoot running(Path directory, String release) throws IOException {
        return new FakeRoot(directory).file("proc/sys/kernel/osrelease", release + "\n");
    }

    public File file() {
        return directory.toFile();
    }

    public FakeRoot thp(String line) throws IOException {
        return file("sys/kernel/mm/transparent_hugepage/enabled", line + "\n");
    }

    public FakeRoot pool(long total, long free, long reserved, long surplus, long overcommit) throws IOException {
        return file(POOL + "nr_hugepages", total + "\n")
                .file(POOL + "free_hugepages", free + "\n")
                .file(POOL + "resv_hugepages", reserved + "\n")
                .file(POOL + "surplus_hugepages", surplus + "\n")
                .file(POOL + "nr_overcommit_hugepages", overcommit + "\n");
    }

    /** An executable without a dynamic section, so that a process may run it; its path. */
    public String executable(String name) throws IOException {
        return ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x400000, 0x1000)
                .writeTo(directory.resolve(name))
                .toString();
    }

    public FakeRoot process(long pid, byte[] maps, byte[] auxv, String exe) throws IOException {
        Path home = Files.createDirectories(directory.resolve("proc/" + pid));
        Files.write(home.resolve("maps"), maps);
        Files.write(home.resolve("auxv"), auxv);
        Files.createSymbolicLink(home.resolve("exe"), Path.of(exe));
        return this;
    }

    /** What an attach reads besides: state, pages, and memory, of which no page is the process's own. */
    public FakeRoot running(long pid, String smaps) throws IOException {
        return file("proc/" + pid + "/status", "Name:\tx\nState:\tS (sleeping)\nTgid:\t" + pid + "\nKthread:\t0\n")
                .file("proc/" + pid + "/smaps", smaps)
                .zeros("proc/" + pid + "/pagemap", 1L << 40);
    }

    /** A file as large as that without content. */
    public FakeRoot zeros(String name, long bytes) throws IOException {
        file(name, "");
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve(name).toFile(), "rw")) {
            file.setLength(bytes);
        }
        return this;
    }

    /** What {@code map_files} shows for a mapping. */
    public FakeRoot mapped(long pid, String range, byte[] content) throws IOException {
        Path file = directory.resolve("proc/" + pid + "/map_files/" + range);
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.write(file, content);
        return this;
    }

    public FakeRoot file(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.write(file, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }
}
