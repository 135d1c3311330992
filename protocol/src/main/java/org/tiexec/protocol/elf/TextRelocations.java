package org.tiexec.protocol.elf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Whether the code of a file is going to be patched when it is loaded ({@code DT_TEXTREL} and {@code DF_TEXTREL}, {@code
 * elf(5)}).
 *
 * <p>The loader makes such code writable page by page, which memory on 2 MiB pages refuses. Only header, program headers and
 * dynamic section are read, each bounded; this is on the way of every launch, where a {@code FileChannel} would cost
 * milliseconds.
 */
public final class TextRelocations {
    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;

    /** The kernel refuses larger program header tables ({@code ELF_MIN_ALIGN}, {@code fs/binfmt_elf.c}). */
    private static final int MAX_PROGRAM_HEADER_TABLE = 65536;

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;

    private static final int ENTRY_BYTES = 16;

    /** Real ones have some 40 entries. */
    private static final int MAX_DYNAMIC_BYTES = 4096 * ENTRY_BYTES;

    private static final long DT_NULL = 0;
    private static final long DT_TEXTREL = 22;
    private static final long DT_FLAGS = 30;
    private static final long DF_TEXTREL = 4;

    private TextRelocations() {}

    /**
     * Looks into a 64-bit little-endian ELF file.
     *
     * @throws MalformedElfException if the file ends too early
     * @throws IOException if it cannot be read
     */
    public static boolean areIn(RandomAccessFile file) throws MalformedElfException, IOException {
        return areIn(new OpenElfFile(file));
    }

    /**
     * Looks into a 64-bit little-endian ELF file.
     *
     * @throws MalformedElfException if the file ends too early
     * @throws IOException if it cannot be read
     */
    public static boolean areIn(ElfFile file) throws MalformedElfException, IOException {
        ByteBuffer header = read(file, 0, HEADER_BYTES);
        long tableAt = header.getLong(32);
        int tableBytes = Short.toUnsignedInt(header.getShort(56)) * PROGRAM_HEADER_BYTES;
        if (tableBytes > MAX_PROGRAM_HEADER_TABLE) {
            throw new MalformedElfException("no usable program headers");
        }
        ByteBuffer table = read(file, tableAt, tableBytes);
        for (int at = 0; at < tableBytes; at += PROGRAM_HEADER_BYTES) {
            if (table.getInt(at) == PT_DYNAMIC) {
                long bytes = Math.min(Math.max(0, table.getLong(at + 32)), MAX_DYNAMIC_BYTES);
                return areInDynamicSection(file, fileOffset(table, table.getLong(at + 16)), bytes);
            }
        }
        return false;
    }

    /** Where the loader will find an address: by the load segments, whatever offset the dynamic section claims. */
    private static long fileOffset(ByteBuffer table, long address) throws MalformedElfException {
        for (int at = 0; at < table.limit(); at += PROGRAM_HEADER_BYTES) {
            long into = address - table.getLong(at + 16);
            if (table.getInt(at) == PT_LOAD && into >= 0 && into < table.getLong(at + 32)) {
                return table.getLong(at + 8) + into;
            }
        }
        throw new MalformedElfException("its dynamic section is not loaded");
    }

    private static boolean areInDynamicSection(ElfFile file, long offset, long bytes)
            throws MalformedElfException, IOException {
        ByteBuffer section = read(file, offset, (int) bytes);
        for (int at = 0; at + ENTRY_BYTES <= bytes; at += ENTRY_BYTES) {
            long tag = section.getLong(at);
            if (tag == DT_NULL) {
                return false;
            }
            if (tag == DT_TEXTREL || (tag == DT_FLAGS && (section.getLong(at + 8) & DF_TEXTREL) != 0)) {
                return true;
            }
        }
        return false;
    }

    private static ByteBuffer read(ElfFile file, long offset, int bytes) throws MalformedElfException, IOException {
        Optional<ByteBuffer> content = file.read(offset, bytes);
        if (content.isEmpty()) {
            throw new MalformedElfException("truncated: it ends before " + offset + " + " + bytes);
        }
        return content.get();
    }
}
