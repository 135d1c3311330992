package org.tiexec.it.support;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A 64-bit ELF file, built field by field ({@code elf(5)}), that says whatever a test wants it to say.
 *
 * <p>Its code is at offset {@link #CODE}: it prints "ran", waits for a byte or the end of its standard input, and exits
 * with 7. The rest of the file is a hole.
 */
public final class CraftedElf {
    public static final int PT_LOAD = 1;
    public static final int PT_DYNAMIC = 2;
    public static final int PT_INTERP = 3;
    public static final int PT_NOTE = 4;
    public static final int PT_PHDR = 6;
    public static final int PT_GNU_STACK = 0x6474e551;
    public static final int RX = 5;

    /** Where the code is in the file. */
    public static final int CODE = 0x1000;

    private static final int HEADER = 64;
    private static final int ENTRY = 56;
    private static final byte[] PROGRAM = HexFormat.of()
            .parseHex(
                    "b801000000bf01000000488d3526000000ba040000000f05" // write(1, "ran\n", 4)
                            + "31c031ff488db42400ffffffba010000000f05" // read(0, below the stack, 1)
                            + "b83c000000bf070000000f05" // exit(7)
                            + "72616e0a");

    private final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private final List<byte[]> entries = new ArrayList<>();
    private final List<Piece> pieces = new ArrayList<>();
    private int declaredEntries = -1;
    private long fileBytes = 8L << 20;

    /** Bytes at a place in the file. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Piece(long offset, byte[] bytes) {}

    /** An executable at fixed addresses whose first instruction is at 0x401000. */
    public CraftedElf() {
        header.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        header.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
        header.putLong(24, 0x401000).putLong(32, HEADER);
        header.putShort(52, (short) HEADER).putShort(54, (short) ENTRY);
    }

    /** One whose whole file of 8 MB is code at 0x400000. */
    public static CraftedElf honest() {
        return new CraftedElf().load(RX, 0, 0x400000, 8L << 20, 8L << 20, 0x1000);
    }

    /** With another value in a field of two bytes of the ELF header. */
    public CraftedElf field16(int offset, int value) {
        header.putShort(offset, (short) value);
        return this;
    }

    /** With another value in a field of eight bytes of the ELF header. */
    public CraftedElf field64(int offset, long value) {
        header.putLong(offset, value);
        return this;
    }

    /** Position-independent. */
    public CraftedElf positionIndependent() {
        return field16(16, 3).field64(24, CODE);
    }

    /** Claims another number of program headers than it has. */
    public CraftedElf declaredEntries(int count) {
        declaredEntries = count;
        return this;
    }

    /** With one more segment. */
    public CraftedElf load(int flags, long offset, long address, long inFile, long inMemory, long alignment) {
        return entry(PT_LOAD, flags, offset, address, inFile, inMemory, alignment);
    }

    /** With one more program header. */
    public CraftedElf entry(
            int type, int flags, long offset, long address, long inFile, long inMemory, long alignment) {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
        entries.add(entry.putLong(inFile).putLong(inMemory).putLong(alignment).array());
        return this;
    }

    /** With an interpreter's name in the file, and the header that points to it. */
    public CraftedElf interpreter(String path) {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        pieces.add(new Piece(0x800, name));
        return entry(PT_INTERP, 4, 0x800, 0x400800, name.length, name.length, 1);
    }

    /** A file of another length; beyond what is in it, it is a hole. */
    public CraftedElf fileBytes(long length) {
        fileBytes = length;
        return this;
    }

    /** Writes it as an executable file. */
    public Path write(Path file) {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            header.putShort(56, (short) (declaredEntries < 0 ? entries.size() : declaredEntries));
            out.write(header.array());
            for (byte[] entry : entries) {
                out.write(entry);
            }
            // many program headers take the place of the code: such a program does not run, but it can be looked at
            out.seek(Math.max(CODE, out.getFilePointer()));
            out.write(PROGRAM);
            for (Piece piece : pieces) {
                out.seek(piece.offset());
                out.write(piece.bytes());
            }
            out.setLength(fileBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!file.toFile().setExecutable(true, false)) {
            throw new IllegalStateException(file + " cannot be made executable");
        }
        return file;
    }
}
