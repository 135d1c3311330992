package org.tiexec.tracer.target;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.memory.PageSize;

/** A small address space that behaves as the kernel's for the five calls that plans use. */
public final class FakeMemory {
    private static final long FIRST_FREE = 0x7f0000000000L;
    private static final long USER_SPACE_END = 0x7ffffffff000L;

    private final TreeMap<Long, Piece> pieces = new TreeMap<>();
    private int freeHugePages;

    public FakeMemory(int freeHugePages) {
        this.freeHugePages = freeHugePages;
    }

    /** A mapping; its bytes decide its length. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Piece(
            byte[] bytes, int protection, boolean file, long offset, boolean hugetlb, boolean thp, String name) {
        Piece part(int from, int to) {
            long partOffset = file ? offset + from : 0;
            return new Piece(Arrays.copyOfRange(bytes, from, to), protection, file, partOffset, hugetlb, thp, name);
        }

        Piece with(int newProtection, boolean nowThp) {
            return new Piece(bytes, newProtection, file, offset, hugetlb, nowThp, name);
        }

        boolean isContinuedBy(Piece next) {
            return file
                    && next.file
                    && protection == next.protection
                    && name.equals(next.name)
                    && offset + bytes.length == next.offset;
        }
    }

    public void addFile(long start, byte[] bytes, String letters, String name) {
        addFile(start, bytes, letters, name, 0);
    }

    /** A mapping of a file from {@code offset} on. */
    public void addFile(long start, byte[] bytes, String letters, String name, long offset) {
        int protection =
                (letters.contains("r") ? 1 : 0) | (letters.contains("w") ? 2 : 0) | (letters.contains("x") ? 4 : 0);
        pieces.put(start, new Piece(bytes.clone(), protection, !name.startsWith("["), offset, false, false, name));
    }

    public byte[] read(long from, int length) {
        byte[] result = new byte[length];
        for (int i = 0; i < length; ) {
            Map.Entry<Long, Piece> entry = pieces.floorEntry(from + i);
            if (entry == null || from + i >= entry.getKey() + entry.getValue().bytes().length) {
                throw new IllegalArgumentException("not mapped: " + Long.toHexString(from + i));
            }
            int offset = (int) (from + i - entry.getKey());
            int part = Math.min(length - i, entry.getValue().bytes().length - offset);
            System.arraycopy(entry.getValue().bytes(), offset, result, i, part);
            i += part;
        }
        return result;
    }

    public void write(long to, byte[] bytes) {
        Map.Entry<Long, Piece> entry = pieces.floorEntry(to);
        if (entry == null
                || to + bytes.length > entry.getKey() + entry.getValue().bytes().length) {
            throw new IllegalArgumentException("not mapped: " + Long.toHexString(to));
        }
        if ((entry.getValue().protection() & 2) == 0) {
            throw new IllegalArgumentException("not writable: " + Long.toHexString(to));
        }
        System.arraycopy(bytes, 0, entry.getValue().bytes(), (int) (to - entry.getKey()), bytes.length);
    }

    public long mmap(long hint, long length, long protection, long flags) {
        boolean hugetlb = (flags & MmapFlag.MAP_HUGETLB.value()) != 0;
        int pages = (int) (length / PageSize.HUGE);
        boolean fixed = (flags & MmapFlag.MAP_FIXED.value()) != 0;
        if (fixed) {
            unmap(hint, length);
        }
        if (hugetlb && pages > freeHugePages) {
            return -Errno.ENOMEM.number();
        }
        freeHugePages -= hugetlb ? pages : 0;
        long start = fixed || isFreeAndUsable(hint, length) ? hint : freeRange(length);
        pieces.put(start, new Piece(new byte[(int) length], (int) protection, false, 0, hugetlb, false, ""));
        return start;
    }

    public long munmap(long start, long length) {
        unmap(start, length);
        return 0;
    }

    public long mprotect(long start, long length, long protection) {
        split(start);
        split(start + length);
        for (Map.Entry<Long, Piece> entry : pieces.subMap(start, start + length).entrySet()) {
            Piece piece = entry.getValue();
            entry.setValue(piece.with((int) protection, piece.thp()));
        }
        return 0;
    }

    public long madvise(long start, long length, long advice) {
        Piece piece = pieces.get(start);
        if (piece == null || piece.bytes().length != length || piece.file()) {
            return -Errno.EINVAL.number();
        }
        boolean collapses = advice == Advice.MADV_COLLAPSE.value();
        pieces.put(start, piece.with(piece.protection(), piece.thp() || collapses));
        return 0;
    }

    public long mremap(long start, long length, long flags, long destination) {
        split(start);
        split(start + length);
        Piece piece = pieces.get(start);
        if (piece == null || piece.bytes().length != length) {
            return -Errno.EFAULT.number();
        }
        boolean fixed = (flags & MremapFlag.MREMAP_FIXED.value()) != 0;
        boolean keep = (flags & MremapFlag.MREMAP_DONTUNMAP.value()) != 0;
        long to = fixed ? destination : freeRange(length);
        if (fixed) {
            unmap(destination, length);
        }
        if (!keep) {
            pieces.remove(start);
        }
        pieces.put(to, piece);
        return to;
    }

    private void unmap(long start, long length) {
        split(start);
        split(start + length);
        for (Piece piece : pieces.subMap(start, start + length).values()) {
            freeHugePages += piece.hugetlb() ? (int) (piece.bytes().length / PageSize.HUGE) : 0;
        }
        pieces.subMap(start, start + length).clear();
    }

    private void split(long at) {
        Map.Entry<Long, Piece> entry = pieces.floorEntry(at);
        if (entry == null
                || entry.getKey() == at
                || at >= entry.getKey() + entry.getValue().bytes().length) {
            return;
        }
        int offset = (int) (at - entry.getKey());
        Piece piece = entry.getValue();
        pieces.put(entry.getKey(), piece.part(0, offset));
        pieces.put(at, piece.part(offset, piece.bytes().length));
    }

    private boolean isFreeAndUsable(long start, long length) {
        boolean inUserSpace = start > 0 && start <= USER_SPACE_END - length;
        return inUserSpace && isFree(start, length);
    }

    private boolean isFree(long start, long length) {
        for (Map.Entry<Long, Piece> entry : pieces.entrySet()) {
            if (entry.getKey() < start + length
                    && start < entry.getKey() + entry.getValue().bytes().length) {
                return false;
            }
        }
        return true;
    }

    private long freeRange(long length) {
        long start = FIRST_FREE;
        while (!isFree(start, length)) {
            start += PageSize.HUGE;
        }
        return start;
    }

    public int freeHugePages() {
        return freeHugePages;
    }

    /** In the form of /proc/PID/maps, with adjacent pieces of the same file merged as the kernel merges them. */
    public byte[] maps() {
        return String.join("", lines(false)).getBytes(StandardCharsets.UTF_8);
    }

    /** In the form of /proc/PID/smaps. */
    public byte[] smaps() {
        return String.join("", lines(true)).getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isContinuation(Map.@Nullable Entry<Long, Piece> before, long start, Piece piece) {
        return before != null
                && before.getKey() + before.getValue().bytes().length == start
                && before.getValue().isContinuedBy(piece);
    }

    private long endOfContinuations(long start) {
        Piece piece = pieces.get(start);
        if (piece == null) {
            throw new IllegalArgumentException("no mapping starts at " + Long.toHexString(start));
        }
        long end = start + piece.bytes().length;
        Piece next = pieces.get(end);
        return next != null && piece.isContinuedBy(next) ? endOfContinuations(end) : end;
    }

    private List<String> lines(boolean withPages) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<Long, Piece> entry : pieces.entrySet()) {
            Piece piece = entry.getValue();
            long start = entry.getKey();
            Map.Entry<Long, Piece> before = pieces.lowerEntry(start);
            if (!withPages && isContinuation(before, start, piece)) {
                continue;
            }
            long end = withPages ? start + piece.bytes().length : endOfContinuations(start);
            String letters = ((piece.protection() & 1) != 0 ? "r" : "-")
                    + ((piece.protection() & 2) != 0 ? "w" : "-")
                    + ((piece.protection() & 4) != 0 ? "x" : "-");
            lines.add(String.format(
                    "%x-%x %sp %08x %s %d %s%n",
                    entry.getKey(),
                    end,
                    letters,
                    piece.offset(),
                    piece.file() ? "fe:00" : "00:00",
                    piece.file() ? 77 : 0,
                    piece.name()));
            if (withPages) {
                lines.add(String.format(
                        "KernelPageSize: %8d kB%nAnonHugePages: %8d kB%nVmFlags: rd ex%n",
                        piece.hugetlb() ? 2048 : 4, piece.thp() ? piece.bytes().length / 1024 : 0));
            }
        }
        return lines;
    }
}
