package org.tiexec.helper.proc;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.elf.ElfFile;
import org.tiexec.protocol.procfs.Mapping;

/**
 * What a process has mapped of a file, read from its memory, for those who may not open the file itself.
 *
 * <p>Pages that the process has written to show what it has written: enough for headers, which nobody writes to.
 */
final class MappedImage implements ElfFile {
    private final RandomAccessFile memory;
    private final List<Mapping> mappings;

    /**
     * Reads through these mappings.
     *
     * @param memory the open {@code /proc/PID/mem}
     * @param mappings those of one file
     */
    MappedImage(RandomAccessFile memory, List<Mapping> mappings) {
        this.memory = memory;
        this.mappings = List.copyOf(mappings);
    }

    @Override
    public Optional<ByteBuffer> read(long offset, int bytes) throws IOException {
        for (Mapping mapping : mappings) {
            long into = offset - mapping.fileOffset();
            boolean holds = mapping.protection().read()
                    && offset >= mapping.fileOffset()
                    && into <= mapping.range().length() - bytes;
            if (holds) {
                byte[] content = new byte[bytes];
                memory.seek(mapping.range().start().plus(into).bits());
                memory.readFully(content);
                return Optional.of(ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        return Optional.empty();
    }
}
