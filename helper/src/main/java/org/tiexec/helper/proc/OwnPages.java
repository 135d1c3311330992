package org.tiexec.helper.proc;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;

/**
 * The pages of a private file mapping that are no longer the file's, because the process or a debugger has written to
 * them ({@code proc_pid_pagemap(5)}).
 */
final class OwnPages {
    private static final int BLOCK = 64 << 10;

    /** Bit 63: the page is in memory. */
    private static final long PRESENT = 1L << 63;

    /** Bit 62: the page is swapped out, or just being moved. */
    private static final long SWAPPED = 1L << 62;

    /** Bit 61: the page is a file's. */
    private static final long OF_A_FILE = 1L << 61;

    private final File pagemap;

    OwnPages(File pagemap) {
        this.pagemap = pagemap;
    }

    /**
     * How many there are.
     *
     * @throws IOException if the kernel does not tell
     */
    long countIn(AddressRange range) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(pagemap, "r")) {
            file.seek(Long.divideUnsigned(range.start().bits(), PageSize.BASE) * Long.BYTES);
            long pages = range.pages(PageSize.BASE);
            byte[] block = new byte[BLOCK];
            long count = 0;
            while (pages > 0) {
                int entries = (int) Math.min(pages, BLOCK / Long.BYTES);
                file.readFully(block, 0, entries * Long.BYTES);
                count += countIn(ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN), entries);
                pages -= entries;
            }
            return count;
        }
    }

    private static long countIn(ByteBuffer block, int entries) {
        long count = 0;
        for (int i = 0; i < entries; i++) {
            long entry = block.getLong(i * Long.BYTES);
            if ((entry & (PRESENT | SWAPPED)) != 0 && (entry & OF_A_FILE) == 0) {
                count++;
            }
        }
        return count;
    }
}
