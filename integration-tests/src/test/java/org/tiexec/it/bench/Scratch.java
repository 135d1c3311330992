package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory for files that nobody needs afterwards.
 *
 * @param directory open to other users, as whom some servers run
 */
record Scratch(Path directory) implements AutoCloseable {
    static Scratch create() throws IOException {
        Path directory = Files.createTempDirectory("tiexec-bench");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Scratch(directory);
    }

    Path fifo(String name) throws IOException, InterruptedException {
        Path fifo = directory.resolve(name);
        if (!Files.exists(fifo)
                && new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() != 0) {
            throw new IOException(fifo + " cannot be made");
        }
        return fifo;
    }

    Path newDirectory(String name) throws IOException {
        return Files.createTempDirectory(directory, name);
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(directory)) {
            delete(directory);
        }
    }

    static void delete(Path top) throws IOException {
        try (Stream<Path> entries = Files.walk(top)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }
}
