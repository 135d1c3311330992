package org.tiexec.helper.proc;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.Arrays;

/** Reads a file under /proc or /sys whole, whose size is not known before and whose owner may be hostile. */
final class PseudoFile {
    /** More than this is refused: twice what a process with as many mappings as kernels allow by default comes to. */
    static final int LIMIT = 16 << 20;

    /** The kernel hands out these files by the page; Java copies reads of up to 8 KiB without allocating. */
    private static final int BLOCK = 8 << 10;

    private static final Stop NEVER = new Stop() {
        @Override
        public boolean isReached(byte[] content, int length) {
            return false;
        }
    };

    private PseudoFile() {}

    /** Decides while a file is read that the rest is not needed. */
    interface Stop {
        /** Whether the first {@code length} bytes of {@code content} are enough. */
        boolean isReached(byte[] content, int length);
    }

    /**
     * Reads from the beginning to the end.
     *
     * @throws IOException if the file cannot be opened or read, or is larger than {@code limit} bytes
     */
    static byte[] read(File file, int limit) throws IOException {
        return readUntil(file, limit, NEVER);
    }

    /**
     * Reads from the beginning to where {@code stop} says, or to the end.
     *
     * @throws IOException if the file cannot be opened or read, or goes on beyond {@code limit} bytes
     */
    static byte[] readUntil(File file, int limit, Stop stop) throws IOException {
        try (FileInputStream in = new FileInputStream(file)) {
            byte[] content = new byte[BLOCK];
            int length = 0;
            int count = in.read(content, 0, BLOCK);
            while (count > 0) {
                length += count;
                if (length > limit) {
                    throw new IOException(file + " is larger than " + limit + " bytes");
                }
                if (stop.isReached(content, length)) {
                    break;
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
