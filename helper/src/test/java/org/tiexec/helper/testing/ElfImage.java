package org.tiexec.helper.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The headers of an ELF file, made to measure ({@code elf(5)}). */
public final class ElfImage {
    public static final int ET_EXEC = 2;
    public static final int ET_DYN = 3;
    public static final String READ = "r--";
    public static final String READ_EXECUTE = "r-x";
    public static final String READ_WRITE = "rw-";

    private static final int HEADER_BYTES = 64;
    private static final int ENTRY_BYTES = 56;
    private static final int DYNAMIC_AT = 0x180;
    private static final long DYNAMIC_BYTES = 16;

    private final int type;
    private final List<byte[]> entries = new ArrayList<>();
    private int machine = 62;
    private int elfClass = 2;
    private long[] dynamic = {};

    private ElfImage(int type) {
        this.type = type;
    }

    public static ElfImage executable() {
        return new ElfImage(ET_EXEC);
    }

    public static ElfImage positionIndependent() {
        return new ElfImage(ET_DYN);
    }

    public ElfImage machine(int number) {
        machine = number;
        return this;
    }

    public ElfImage with32Bits() {
        elfClass = 1;
        return this;
    }

    public ElfImage load(String protection, long offset, long address, long bytes, long alignment) {
        int flags = (protection.charAt(0) == 'r' ? 4 : 0)
                | (protection.charAt(1) == 'w' ? 2 : 0)
                | (protection.charAt(2) == 'x' ? 1 : 0);
        entries.add(ByteBuffer.allocate(ENTRY_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(1)
                .putInt(flags)
                .putLong(offset)
                .putLong(address)
                .putLong(address)
                .putLong(bytes)
                .putLong(bytes)
                .putLong(alignment)
                .array());
        return this;
    }

    /** A dynamic section with one entry, at 0x180 in the file. */
    public ElfImage dynamic(long address, long tag, long value) {
        entries.add(ByteBuffer.allocate(ENTRY_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(2)
                .putInt(6)
                .putLong(DYNAMIC_AT)
                .putLong(address)
                .putLong(address)
                .putLong(2 * DYNAMIC_BYTES)
                .putLong(2 * DYNAMIC_BYTES)
                .putLong(Long.BYTES)
                .array());
        dynamic = new long[] {tag, value, 0, 0};
        return this;
    }

    public byte[] bytes() {
        int headers = HEADER_BYTES + entries.size() * ENTRY_BYTES;
        int whole = dynamic.length == 0 ? headers : Math.max(headers, DYNAMIC_AT + dynamic.length * Long.BYTES);
        ByteBuffer image = ByteBuffer.allocate(whole)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {0x7f, 'E', 'L', 'F', (byte) elfClass, 1, 1})
                .putShort(16, (short) type)
                .putShort(18, (short) machine)
                .putLong(32, HEADER_BYTES)
                .putShort(54, (short) ENTRY_BYTES)
                .putShort(56, (short) entries.size())
                .position(HEADER_BYTES);
        for (byte[] entry : entries) {
            image.put(entry);
        }
        for (int i = 0; i < dynamic.length; i++) {
            image.putLong(DYNAMIC_AT + i * Long.BYTES, dynamic[i]);
        }
        return image.array();
    }

    public Path writeTo(Path file) throws IOException {
        return Files.write(file, bytes());
    }
}
