package org.tiexec.tracer.sys;

import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;

/** Compares two places in another process's memory byte for byte. For one thread. */
public final class MemoryComparison implements AutoCloseable {
    private static final int CHUNK = 1 << 20;
    private static final int VECTOR_BYTES = 16;
    private static final int LENGTH_AT = 8;

    private final LibC libc;
    private final NativeArena arena;
    private final int pid;
    private final long vectors;
    private final long one;
    private final long other;

    /**
     * Prepares to compare in the process {@code pid}, which this process must be allowed to trace.
     *
     * @param library the bound C library
     */
    public MemoryComparison(NativeLibrary library, int pid) {
        this.libc = library.libc();
        this.arena = new NativeArena(libc);
        this.pid = pid;
        this.vectors = arena.allocate(2 * VECTOR_BYTES);
        // On pages: the kernel copies to a place that is not aligned to 64 bytes up to eight times slower (AMD Zen).
        this.one = arena.allocatePages(CHUNK);
        this.other = arena.allocatePages(CHUNK);
    }

    /**
     * Looks for the first piece of up to 1 MB in which two places differ.
     *
     * @param length how many bytes are compared
     * @return the distance of that piece from the start, or {@code length} if there is none
     * @throws SysException if one of the places cannot be read
     */
    public long firstDifference(Address place, Address otherPlace, long length) {
        for (long at = 0; at < length; at += CHUNK) {
            int bytes = (int) Math.min(CHUNK, length - at);
            read(place.plus(at), one, bytes);
            read(otherPlace.plus(at), other, bytes);
            if (libc.memcmp(one, other, bytes) != 0) {
                return at;
            }
        }
        return length;
    }

    private void read(Address from, long to, int bytes) {
        int done = 0;
        while (done < bytes) {
            libc.memory().putLong(vectors, to + done);
            libc.memory().putLong(vectors + LENGTH_AT, bytes - done);
            libc.memory().putLong(vectors + VECTOR_BYTES, from.bits() + done);
            libc.memory().putLong(vectors + VECTOR_BYTES + LENGTH_AT, bytes - done);
            long read = libc.processVmReadv(pid, vectors, vectors + VECTOR_BYTES);
            if (read <= 0) {
                Errno errno = read == 0 ? Errno.EFAULT : libc.errno();
                throw new SysException("process_vm_readv", errno, "process " + pid + " at " + from.plus(done));
            }
            done += (int) read;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
