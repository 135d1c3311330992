package org.tiexec.protocol.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The headers of an ELF file, built field by field ({@code elf(5)}). */
final class ElfImage {
    static final int HEADER = 64;
    static final int ENTRY = 56;
    static final int PT_LOAD = 1;
    static final int PT_INTERP = 3;
    static final int R = 4;
    static final int RX = 5;
    static final int RW = 6;
    static final int RWX = 7;

    private final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private final List<byte[]> entries = new ArrayList<>();
    private int declaredEntries = -1;

    /** An executable of type ET_EXEC without program headers. */
    ElfImage() {
        header.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        type(2);
        header.putShort(18, (short) 62);
        header.putLong(32, HEADER);
        header.putShort(54, (short) ENTRY);
    }

    ElfImage type(int type) {
        header.putShort(16, (short) type);
        return this;
    }

    ElfImage machine(int machine) {
        header.putShort(18, (short) machine);
        return this;
    }

    ElfImage ident(int index, int value) {
        header.put(index, (byte) value);
        return this;
    }

    ElfImage tableOffset(long offset) {
        header.putLong(32, offset);
        return this;
    }

    ElfImage entryBytes(int bytes) {
        header.putShort(54, (short) bytes);
        return this;
    }

    ElfImage declaredEntries(int count) {
        declaredEntries = count;
        return this;
    }

    ElfImage load(int flags, long offset, long address, long fileBytes, long memoryBytes, long alignment) {
        return entry(PT_LOAD, flags, offset, address, fileBytes, memoryBytes, alignment);
    }

    ElfImage entry(int type, int flags, long offset, long address, long fileBytes, long memoryBytes, long alignment) {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
        entry.putLong(fileBytes).putLong(memoryBytes).putLong(alignment);
        entries.add(entry.array());
        return this;
    }

    byte[] bytes() {
        ByteBuffer image = ByteBuffer.allocate(HEADER + entries.size() * ENTRY);
        header.putShort(56, (short) (declaredEntries < 0 ? entries.size() : declaredEntries));
        image.put(header.array());
        for (byte[] entry : entries) {
            image.put(entry);
        }
        return image.array();
    }

    static ElfHeaders read(Path file) throws IOException, MalformedElfException {
        try (FileChannel channel = FileChannel.open(file)) {
            return ElfHeaders.read(channel);
        }
    }

    static ElfHeaders read(Path directory, byte[] bytes) throws IOException, MalformedElfException {
        Path file = Files.createTempFile(directory, "image", ".elf");
        Files.write(file, bytes);
        try {
            return read(file);
        } finally {
            Files.delete(file);
        }
    }
}
