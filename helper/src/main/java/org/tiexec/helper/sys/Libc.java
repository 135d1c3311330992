package org.tiexec.helper.sys;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import org.tiexec.protocol.abi.Errno;

/**
 * The functions of the C library that the helper calls, bound through jffi.
 *
 * <p>jffi is the layer below jnr-ffi. The helper starts cold with every program that is launched, and there jnr-ffi's
 * interface form costs 150 ms where jffi costs 55; it also passes garbage as the sixth argument of
 * {@code process_vm_readv} while its generated stubs are on (jnr-ffi#181), which {@link Invoker#invokeN6} does not.
 *
 * <p>For use by any number of threads.
 */
final class Libc {
    private static final int NO_FLAGS = 0;
    private static final int ONE_VECTOR = 1;

    private final Invoker invoker = Invoker.getInstance();
    private final MemoryIO memory = MemoryIO.getInstance();
    private final CallContext sixWords = words(6, true);
    private final CallContext threeWords = words(3, false);
    private final long readv;
    private final long writev;
    private final long memcmp;

    /** Looks the functions up among the libraries that the JVM has loaded. */
    Libc() {
        Library library = Library.getDefault();
        readv = address(library, "process_vm_readv");
        writev = address(library, "process_vm_writev");
        memcmp = address(library, "memcmp");
    }

    private static CallContext words(int count, boolean saveErrno) {
        Type[] parameters = new Type[count];
        for (int i = 0; i < count; i++) {
            parameters[i] = Type.SLONG_LONG;
        }
        return new CallContext(Type.SLONG_LONG, parameters, CallingConvention.DEFAULT, saveErrno);
    }

    private static long address(Library library, String function) {
        long address = library.getSymbolAddress(function);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library has no " + function + " (glibc 2.15 or later has it)");
        }
        return address;
    }

    /**
     * {@code process_vm_readv(2)} with one vector on each side.
     *
     * @param local the address of a {@code struct iovec} for our memory
     * @param remote the address of a {@code struct iovec} for the memory of {@code pid}
     * @return the number of bytes read, or a negated errno
     */
    long processVmReadv(int pid, long local, long remote) {
        return rawResult(invoker.invokeN6(sixWords, readv, pid, local, ONE_VECTOR, remote, ONE_VECTOR, NO_FLAGS));
    }

    /** {@code process_vm_writev(2)}, with the arguments of {@link #processVmReadv}. */
    long processVmWritev(int pid, long local, long remote) {
        return rawResult(invoker.invokeN6(sixWords, writev, pid, local, ONE_VECTOR, remote, ONE_VECTOR, NO_FLAGS));
    }

    /** The saved errno belongs to the calling thread; it is read before that thread calls anything else. */
    private static long rawResult(long result) {
        return result == -1 ? -LastError.getInstance().get() : result;
    }

    /** {@code memcmp(3)}, reduced to whether both are equal; a cold JVM compares in its interpreter 50 times slower. */
    boolean equal(long address, long other, long bytes) {
        return (int) invoker.invokeN3(threeWords, memcmp, address, other, bytes) == 0;
    }

    /** {@code malloc(3)}; the caller frees the block. */
    long allocate(long bytes) throws SysException {
        long address = memory.allocateMemory(bytes, false);
        if (address == 0) {
            throw new SysException("malloc", Errno.ENOMEM, "of " + bytes + " bytes");
        }
        return address;
    }

    void free(long address) {
        memory.freeMemory(address);
    }

    void putWord(long address, long value) {
        memory.putLong(address, value);
    }

    void copyOut(long address, byte[] to, int length) {
        memory.getByteArray(address, to, 0, length);
    }

    void copyIn(byte[] from, long address) {
        memory.putByteArray(address, from, 0, from.length);
    }
}
