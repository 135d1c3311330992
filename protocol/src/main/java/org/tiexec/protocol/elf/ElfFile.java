package org.tiexec.protocol.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The bytes of an ELF file, wherever they are read from. */
public interface ElfFile {
    /**
     * Reads a piece.
     *
     * @param offset where it begins in the file
     * @param bytes its length, which callers bound
     * @return in little-endian order; empty if the file ends before the piece does
     * @throws IOException if it cannot be read
     */
    Optional<ByteBuffer> read(long offset, int bytes) throws IOException;
}
