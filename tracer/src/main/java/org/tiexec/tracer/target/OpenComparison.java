package org.tiexec.tracer.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.sys.ByteComparison;
import org.tiexec.tracer.sys.SysException;

/**
 * Compares two places in the memory of a process that runs, byte for byte.
 *
 * <p>By its memory file, as {@code process_vm_readv(2)} pins pages for a moment: of a process that forks at that moment the
 * kernel then splits the huge pages ({@code copy_huge_pmd}).
 */
public final class OpenComparison implements ByteComparison {
    private static final int CHUNK = 256 << 10;

    private final ProcessView process;
    private final ByteBuffer one = ByteBuffer.allocateDirect(CHUNK);
    private final ByteBuffer other = ByteBuffer.allocateDirect(CHUNK);

    /** Compares in {@code process}, for one thread. */
    public OpenComparison(ProcessView process) {
        this.process = process;
    }

    @Override
    public long firstDifference(Address place, Address otherPlace, long length) {
        for (long at = 0; at < length; at += CHUNK) {
            int bytes = (int) Math.min(CHUNK, length - at);
            read(place.plus(at), one.clear().limit(bytes));
            read(otherPlace.plus(at), other.clear().limit(bytes));
            int difference = one.flip().mismatch(other.flip());
            if (difference >= 0) {
                return at + difference;
            }
        }
        return length;
    }

    private void read(Address from, ByteBuffer into) {
        try {
            process.read(from, into);
        } catch (IOException e) {
            throw new SysException("read", Errno.EFAULT, String.valueOf(e.getMessage()));
        }
    }
}
