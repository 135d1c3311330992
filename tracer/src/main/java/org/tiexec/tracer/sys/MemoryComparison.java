package org.tiexec.tracer.sys;

import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;

/** Compares two places in another process's memory byte for byte, by two threads where that pays. */
public final class MemoryComparison implements ByteComparison, AutoCloseable {
    /** Two of these fit into a second-level cache. */
    private static final int CHUNK = 256 << 10;

    private static final long WORTH_A_SECOND_THREAD = 4L << 20;
    private static final int VECTOR_BYTES = 16;
    private static final int LENGTH_AT = 8;

    private final LibC libc;
    private final NativeArena arena;
    private final int pid;
    private final Comparer own;
    private final Comparer second;

    /**
     * Prepares to compare in the process {@code pid}, which this process must be allowed to trace.
     *
     * @param library the bound C library
     */
    public MemoryComparison(NativeLibrary library, int pid) {
        this.libc = library.libc();
        this.arena = new NativeArena(libc);
        this.pid = pid;
        this.own = new Comparer(arena);
        this.second = new Comparer(arena);
    }

    @Override
    public long firstDifference(Address place, Address otherPlace, long length) {
        if (length < WORTH_A_SECOND_THREAD) {
            return own.firstDifference(place, otherPlace, length);
        }
        long half = length / 2 / CHUNK * CHUNK;
        UpperHalf upper = new UpperHalf(second, place.plus(half), otherPlace.plus(half), length - half);
        upper.start();
        long difference = half;
        try {
            difference = own.firstDifference(place, otherPlace, half);
        } finally {
            upper.awaitEnd();
        }
        return difference < half ? difference : half + upper.result();
    }

    /** Compares the upper half. */
    private static final class UpperHalf extends Thread {
        private final Comparer comparer;
        private final Address place;
        private final Address otherPlace;
        private final long length;
        private Optional<RuntimeException> failure = Optional.empty();
        private long difference;

        UpperHalf(Comparer comparer, Address place, Address otherPlace, long length) {
            super("compare");
            setDaemon(true);
            this.comparer = comparer;
            this.place = place;
            this.otherPlace = otherPlace;
            this.length = length;
        }

        @Override
        public void run() {
            try {
                difference = comparer.firstDifference(place, otherPlace, length);
            } catch (RuntimeException e) {
                failure = Optional.of(e);
            }
        }

        /** Waits even if interrupted: the buffers must not be freed before. */
        void awaitEnd() {
            boolean interrupted = false;
            while (isAlive()) {
                try {
                    join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        long result() {
            if (failure.isPresent()) {
                throw failure.get();
            }
            return difference;
        }
    }

    /** Two buffers and what it takes to fill them. For one thread. */
    private final class Comparer {
        private final long vectors;
        private final long one;
        private final long other;

        Comparer(NativeArena arena) {
            this.vectors = arena.allocate(2 * VECTOR_BYTES);
            // On pages: the kernel copies to a place that is not aligned to 64 bytes up to eight times slower (AMD
            // Zen).
            this.one = arena.allocatePages(CHUNK);
            this.other = arena.allocatePages(CHUNK);
        }

        long firstDifference(Address place, Address otherPlace, long length) {
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
    }

    @Override
    public void close() {
        arena.close();
    }
}
