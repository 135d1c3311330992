package org.tiexec.it.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The headers of a 64-bit ELF file, read independently of the code under test.
 *
 * @param entry the address of its first instruction, as linked
 * @param code its executable segments, as linked
 */
record ElfImage(long entry, List<Segment> code) {
    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int PT_LOAD = 1;
    private static final int PF_X = 1;

    /**
     * One loadable segment.
     *
     * @param offset where it begins in the file
     * @param address where it begins in memory
     * @param bytes its length
     */
    record Segment(long offset, long address, long bytes) {}

    static ElfImage read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = bytes(channel, 0, HEADER_SIZE);
            List<Segment> code = new ArrayList<>();
            for (int i = 0; i < header.getShort(56); i++) {
                ByteBuffer segment =
                        bytes(channel, header.getLong(32) + (long) i * PROGRAM_HEADER_SIZE, PROGRAM_HEADER_SIZE);
                if (segment.getInt(0) == PT_LOAD && (segment.getInt(4) & PF_X) != 0) {
                    code.add(new Segment(segment.getLong(8), segment.getLong(16), segment.getLong(32)));
                }
            }
            return new ElfImage(header.getLong(24), code);
        }
    }

    private static ByteBuffer bytes(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
            // until the buffer is full
        }
        return buffer;
    }
}
