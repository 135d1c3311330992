package org.tiexec.protocol.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** An ELF file behind a channel, whose position is not used. */
final class ElfChannel implements ElfFile {
    private final FileChannel channel;

    ElfChannel(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * What is not there is not asked for: the kernel refuses to read near the largest offset, and reading a file of /proc,
     * which has no size, may wait for ever.
     */
    @Override
    public Optional<ByteBuffer> read(long offset, int bytes) throws IOException {
        if (offset < 0 || offset > channel.size() - bytes) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(buffer.flip().order(ByteOrder.LITTLE_ENDIAN));
    }
}
