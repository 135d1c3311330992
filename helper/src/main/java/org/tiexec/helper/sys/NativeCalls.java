package org.tiexec.helper.sys;

/** Access to native memory, here and in other processes. For use by any number of threads. */
public final class NativeCalls {
    private final Libc libc;

    private NativeCalls(Libc libc) {
        this.libc = libc;
    }

    /**
     * Loads the native library and binds the functions; costs some 50 ms when nothing is warm.
     *
     * @throws UnsatisfiedLinkError if this machine has no such library or function
     */
    public static NativeCalls bind() {
        return new NativeCalls(new Libc());
    }

    /**
     * A block of {@code bytes} bytes with unspecified content.
     *
     * @throws SysException if there is not enough memory
     */
    public NativeMemory allocate(int bytes) throws SysException {
        return new NativeMemory(libc, bytes);
    }

    /**
     * The memory of the process {@code pid}, which need not exist yet.
     *
     * @throws SysException if there is not enough memory for what a call needs
     */
    public RemoteMemory memoryOf(int pid) throws SysException {
        return new RemoteMemory(libc, pid);
    }
}
