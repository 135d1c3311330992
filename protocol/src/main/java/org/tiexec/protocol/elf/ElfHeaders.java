package org.tiexec.protocol.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;

/**
 * What the ELF header and program headers of a file say ({@code elf(5)}).
 *
 * @param is64Bit whether the class is ELFCLASS64
 * @param machine the {@code e_machine} value, such as 62 for x86-64
 * @param positionIndependent whether the type is ET_DYN, so that the kernel chooses the load address
 * @param dynamic whether the file asks for an interpreter such as ld.so
 * @param segments the {@code PT_LOAD} segments in file order; empty where {@code is64Bit} is false
 */
public record ElfHeaders(
        boolean is64Bit, int machine, boolean positionIndependent, boolean dynamic, List<LoadSegment> segments) {
    /** {@code EM_X86_64} ({@code linux/elf-em.h}). */
    public static final int EM_X86_64 = 62;

    private static final int HEADER_BYTES = 64;
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_32 = 1;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int ET_EXEC = 2;
    private static final int ET_DYN = 3;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PF_X = 1;
    private static final int PF_W = 2;
    private static final int PF_R = 4;
    private static final int PROGRAM_HEADER_BYTES = 56;

    /** The kernel refuses larger program header tables ({@code ELF_MIN_ALIGN}, {@code fs/binfmt_elf.c}). */
    private static final int MAX_PROGRAM_HEADER_TABLE = 65536;

    /** The largest user-space address plus one on x86-64 with four-level tables ({@code TASK_SIZE}). */
    private static final long ADDRESS_LIMIT = 1L << 47;

    /** Takes a copy of the segments. */
    public ElfHeaders {
        segments = List.copyOf(segments);
    }

    /**
     * Reads the headers, never more than 64 KiB.
     *
     * @param file the open file; its position is not used
     * @throws MalformedElfException if the file is truncated, no ELF file, or contradicts itself
     * @throws IOException if reading fails
     */
    public static ElfHeaders read(FileChannel file) throws MalformedElfException, IOException {
        return read(new ElfChannel(file));
    }

    /**
     * Reads the headers, never more than 64 KiB.
     *
     * @throws MalformedElfException if the file is truncated, no ELF file, or contradicts itself
     * @throws IOException if reading fails
     */
    public static ElfHeaders read(ElfFile file) throws MalformedElfException, IOException {
        ByteBuffer header = readFully(file, 0, HEADER_BYTES, "ELF header");
        if (header.getInt(0) != MAGIC) {
            throw new MalformedElfException("not an ELF file");
        }
        int elfClass = header.get(4);
        if (header.get(5) != LITTLE_ENDIAN || (elfClass != CLASS_32 && elfClass != CLASS_64)) {
            throw new MalformedElfException("not a little-endian ELF file");
        }
        int type = Short.toUnsignedInt(header.getShort(16));
        int machine = Short.toUnsignedInt(header.getShort(18));
        if (type != ET_EXEC && type != ET_DYN) {
            throw new MalformedElfException("not an executable (ELF type " + type + ")");
        }
        if (elfClass == CLASS_32) {
            return new ElfHeaders(false, machine, type == ET_DYN, false, List.of());
        }
        long tableOffset = header.getLong(32);
        int entryBytes = Short.toUnsignedInt(header.getShort(54));
        int entries = Short.toUnsignedInt(header.getShort(56));
        int tableBytes = entries * PROGRAM_HEADER_BYTES;
        if (entryBytes != PROGRAM_HEADER_BYTES || entries == 0 || tableBytes > MAX_PROGRAM_HEADER_TABLE) {
            throw new MalformedElfException("no usable program headers");
        }
        ByteBuffer table = readFully(file, tableOffset, tableBytes, "program headers");
        return ofTable(machine, type == ET_DYN, table);
    }

    private static ElfHeaders ofTable(int machine, boolean positionIndependent, ByteBuffer table)
            throws MalformedElfException {
        boolean dynamic = false;
        List<LoadSegment> segments = new ArrayList<>();
        for (int at = 0; at < table.limit(); at += PROGRAM_HEADER_BYTES) {
            int type = table.getInt(at);
            dynamic |= type == PT_INTERP;
            if (type == PT_LOAD) {
                segments.add(segmentAt(table, at));
            }
        }
        return new ElfHeaders(true, machine, positionIndependent, dynamic, segments);
    }

    private static LoadSegment segmentAt(ByteBuffer table, int at) throws MalformedElfException {
        int flags = table.getInt(at + 4);
        long alignment = table.getLong(at + 48);
        LoadSegment segment = new LoadSegment(
                new Protection((flags & PF_R) != 0, (flags & PF_W) != 0, (flags & PF_X) != 0),
                table.getLong(at + 8),
                table.getLong(at + 16),
                table.getLong(at + 32),
                table.getLong(at + 40),
                alignment);
        boolean sane = isBounded(segment.virtualAddress())
                && isBounded(segment.memoryBytes())
                && isBounded(segment.virtualAddress() + segment.memoryBytes())
                && segment.fileOffset() >= 0
                && segment.fileBytes() >= 0
                && segment.fileBytes() <= segment.memoryBytes()
                && alignment >= 0
                && Long.bitCount(alignment) <= 1;
        if (!sane) {
            throw new MalformedElfException("a load segment lies outside the address space");
        }
        return segment;
    }

    private static boolean isBounded(long value) {
        return value >= 0 && value < ADDRESS_LIMIT;
    }

    /**
     * Whether an executable segment holds a 2 MiB-aligned stretch: surely where the load address is known to that
     * degree, at some load address where the kernel chooses one.
     */
    public boolean mayHoldHugePages() {
        for (LoadSegment segment : segments) {
            if (segment.protection().equals(Protection.READ_EXECUTE) && segment.fileBytes() > 0) {
                boolean placed = !positionIndependent || alignment() >= PageSize.HUGE;
                AddressRange mapped = segment.mappedFileRange(0);
                boolean fits =
                        placed ? mapped.alignedInterior(PageSize.HUGE).isPresent() : mapped.length() >= PageSize.HUGE;
                if (fits) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whether code would fill whole 2 MiB, at some load address, if it were rounded outward over gaps and over segments that
     * are only read: what lies around the file in memory is not known.
     */
    public boolean mayHoldWidenedHugePages() {
        long step = positionIndependent ? Math.min(alignment(), PageSize.HUGE) : PageSize.HUGE;
        for (long bias = 0; bias < PageSize.HUGE; bias += step) {
            for (LoadSegment segment : segments) {
                boolean code = segment.protection().equals(Protection.READ_EXECUTE) && segment.fileBytes() > 0;
                if (code && mayBeWidened(segment.mappedFileRange(PageSize.HUGE + bias), PageSize.HUGE + bias)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean mayBeWidened(AddressRange code, long bias) {
        Address start = code.start().alignDown(PageSize.HUGE);
        Address end = code.end().alignUp(PageSize.HUGE);
        Address first =
                isOnlyRead(start, code.start(), bias) ? start : code.start().alignUp(PageSize.HUGE);
        Address last = isOnlyRead(code.end(), end, bias) ? end : code.end().alignDown(PageSize.HUGE);
        return first.isBelow(last);
    }

    private boolean isOnlyRead(Address start, Address end, long bias) {
        if (start.equals(end)) {
            return true;
        }
        AddressRange range = new AddressRange(start, end);
        for (LoadSegment segment : segments) {
            Address first = new Address(bias + segment.virtualAddress()).alignDown(PageSize.BASE);
            Address last = new Address(bias + segment.virtualAddress() + segment.memoryBytes()).alignUp(PageSize.BASE);
            boolean covered = first.isBelow(last) && range.overlaps(new AddressRange(first, last));
            if (covered && !segment.protection().equals(Protection.READ)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a segment with 2 MiB of code or more may be written to by the program, so that it must stay as it is. */
    public boolean holdsWritableCode() {
        for (LoadSegment segment : segments) {
            Protection protection = segment.protection();
            if (protection.write() && protection.execute() && segment.fileBytes() >= PageSize.HUGE) {
                return true;
            }
        }
        return false;
    }

    /** The largest alignment of all load segments in bytes, to which the kernel aligns the load address (5.10+). */
    public long alignment() {
        long largest = PageSize.BASE;
        for (LoadSegment segment : segments) {
            largest = Math.max(largest, segment.alignment());
        }
        return largest;
    }

    private static ByteBuffer readFully(ElfFile file, long offset, int bytes, String what)
            throws MalformedElfException, IOException {
        if (offset < 0) {
            throw new MalformedElfException("truncated: no " + what);
        }
        Optional<ByteBuffer> content = file.read(offset, bytes);
        if (content.isEmpty()) {
            throw new MalformedElfException("truncated: " + what + " incomplete");
        }
        return content.get();
    }
}
