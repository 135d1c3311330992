package org.tiexec.helper.proc;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.Arrays;

/** Reads a file under /proc or /sys whole, whose size is not known before and whose owner may be hostile. */
final class PseudoFile {
    /** More than this is refused: some 600,000 lines of maps, ten times the kernel's default limit. */
    static final int LIMIT = 64 << 20;

    /** The kernel hands out these files by the page; Java copies reads of up to 8 KiB without allocating. */
    private static final int BLOCK = 8 << 10;

    private PseudoFile() {}

    /**
     * Reads from the beginning to the end.
     *
     * @throws IOException if the file cannot be opened or read, or is larger than {@link #LIMIT}
     */
    static byte[] read(File file) throws IOException {
        return read(file, LIMIT);
    }

    static byte[] read(File file, int limit) throws IOException {
        try (FileInputStream in = new FileInputStream(file)) {
            byte[] content = new byte[BLOCK];
            int length = 0;
            int count = in.read(content, 0, BLOCK);
            while (count > 0) {
                length += count;
                if (length > limit) {
                    throw new IOException(file + " is larger than " + limit + " bytes");
                }
                if (content.length - length < BLOCK) {
                    content = Arrays.copyOf(content, 2 * content.length);
                }
                count = in.read(content, length, BLOCK);
            }
            return Arrays.copyOf(content, length);
        }
    }
}
