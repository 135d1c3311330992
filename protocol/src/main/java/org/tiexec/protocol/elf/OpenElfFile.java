package org.tiexec.protocol.elf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** An ELF file that somebody has opened, and closes. On the way of a launch a channel would cost milliseconds. */
public final class OpenElfFile implements ElfFile {
    private final RandomAccessFile file;

    /** Reads from {@code file}, whose position changes. */
    public OpenElfFile(RandomAccessFile file) {
        this.file = file;
    }

    @Override
    public Optional<ByteBuffer> read(long offset, int bytes) throws IOException {
        if (offset < 0 || offset > file.length() - bytes) {
            return Optional.empty();
        }
        byte[] content = new byte[bytes];
        file.seek(offset);
        file.readFully(content);
        return Optional.of(ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
    }
}
