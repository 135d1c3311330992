package org.tiexec.tracer.sys;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.PageSize;

/** Memory outside the Java heap, given back as a whole. For one thread. */
final class NativeArena implements AutoCloseable {
    private static final int POINTER_BYTES = 8;
    private static final long PAGE_BYTES = PageSize.BASE;

    private final LibC libc;
    private final List<Long> blocks = new ArrayList<>();

    NativeArena(LibC libc) {
        this.libc = libc;
    }

    /** The address of a block of zero bytes. */
    long allocate(int bytes) {
        long address = libc.memory().allocateMemory(bytes, true);
        if (address == 0) {
            throw new OutOfMemoryError(bytes + " bytes of native memory");
        }
        blocks.add(address);
        return address;
    }

    /** The address of a block of zero bytes that begins on a page. */
    long allocatePages(int bytes) {
        return (allocate(bytes + (int) PAGE_BYTES) + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /** The address of a NUL-terminated copy of a string's bytes. */
    long string(byte[] text) {
        long address = allocate(text.length + 1);
        libc.memory().putByteArray(address, text, 0, text.length);
        return address;
    }

    /** The address of a NULL-terminated array of pointers to copies of the strings, as execve(2) takes it. */
    long strings(List<byte[]> texts) {
        long pointers = allocate((texts.size() + 1) * POINTER_BYTES);
        for (int i = 0; i < texts.size(); i++) {
            libc.memory().putLong(pointers + (long) i * POINTER_BYTES, string(texts.get(i)));
        }
        return pointers;
    }

    /** The address of a {@code struct rlimit}. */
    long limit(ResourceLimit limit) {
        long address = allocate(2 * Long.BYTES);
        libc.memory().putLong(address, limit.soft());
        libc.memory().putLong(address + Long.BYTES, limit.hard());
        return address;
    }

    @Override
    public void close() {
        for (long block : blocks) {
            libc.memory().freeMemory(block);
        }
        blocks.clear();
    }
}
