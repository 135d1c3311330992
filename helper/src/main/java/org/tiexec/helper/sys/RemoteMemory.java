package org.tiexec.helper.sys;

import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;

/**
 * The memory of another process, read and written from outside ({@code process_vm_readv(2)}).
 *
 * <p>Needs the rights of {@code ptrace(2)} over the process, not that it is stopped. For use by one thread at a time.
 */
public final class RemoteMemory implements AutoCloseable {
    /** {@code struct iovec} ({@code linux/uio.h}): an address, then a length, 8 bytes each. */
    private static final int VECTOR_BYTES = 16;

    private static final int LENGTH_AT = 8;

    private final Libc libc;
    private final int pid;
    private final NativeMemory vectors;

    RemoteMemory(Libc libc, int pid) throws SysException {
        this.libc = libc;
        this.pid = pid;
        this.vectors = new NativeMemory(libc, 2 * VECTOR_BYTES);
    }

    /**
     * Reads {@code bytes} bytes at {@code from} to the beginning of {@code to}.
     *
     * @throws SysException if not all of them can be read
     */
    public void read(Address from, NativeMemory to, int bytes) throws SysException {
        long local = to.address(bytes);
        int done = 0;
        while (done < bytes) {
            long vector = vectors(local + done, from.bits() + done, bytes - done);
            done += progress(libc.processVmReadv(pid, vector, vector + VECTOR_BYTES), "readv", from, done);
        }
    }

    /**
     * Writes the first {@code bytes} bytes of {@code from} to {@code to}.
     *
     * @throws SysException if not all of them can be written
     */
    public void write(NativeMemory from, int bytes, Address to) throws SysException {
        long local = from.address(bytes);
        int done = 0;
        while (done < bytes) {
            long vector = vectors(local + done, to.bits() + done, bytes - done);
            done += progress(libc.processVmWritev(pid, vector, vector + VECTOR_BYTES), "writev", to, done);
        }
    }

    private long vectors(long local, long remote, long bytes) {
        long vector = vectors.address(2 * VECTOR_BYTES);
        libc.putWord(vector, local);
        libc.putWord(vector + LENGTH_AT, bytes);
        libc.putWord(vector + VECTOR_BYTES, remote);
        libc.putWord(vector + VECTOR_BYTES + LENGTH_AT, bytes);
        return vector;
    }

    /** A transfer may stop half way; the next call, from there on, tells why. */
    private int progress(long result, String direction, Address start, int done) throws SysException {
        if (result > 0) {
            return (int) result;
        }
        Errno errno = result == 0 ? Errno.EFAULT : Errno.ofRawResult(result);
        throw new SysException("process_vm_" + direction, errno, "of process " + pid + " at " + start.plus(done));
    }

    /** Gives up what was allocated; the process is not touched. */
    @Override
    public void close() {
        vectors.close();
    }
}
