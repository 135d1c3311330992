package org.tiexec.tracer.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.wire.ReportWriter;

/**
 * A directory of audit documents, one JSON file a run, readable by its owner only.
 *
 * <p>A document appears whole or not at all: it is written under a temporary name, synchronised to disk, renamed.
 */
public final class Archive {
    private final Path directory;

    /** Stores into an existing directory. */
    public Archive(Path directory) {
        this.directory = directory;
    }

    /**
     * Stores one report.
     *
     * @return the new file, {@code tiexec-TIME-PID.json} with the time in milliseconds since 1970
     * @throws IOException if the directory cannot be written
     */
    public Path store(RunReport report) throws IOException {
        String name = "tiexec-" + System.currentTimeMillis() + "-" + report.pid() + ".json";
        Path temporary = directory.resolve("." + name + ".tmp");
        Path complete = directory.resolve(name);
        boolean stored = false;
        try (FileChannel file = FileChannel.open(
                temporary,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer document = ByteBuffer.wrap(ReportWriter.toJson(report));
            while (document.hasRemaining()) {
                file.write(document);
            }
            file.force(true);
            Files.move(temporary, complete, StandardCopyOption.ATOMIC_MOVE);
            stored = true;
        } finally {
            if (!stored) {
                Files.deleteIfExists(temporary);
            }
        }
        return complete;
    }
}
