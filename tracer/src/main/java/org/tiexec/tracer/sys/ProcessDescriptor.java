package org.tiexec.tracer.sys;

/** A descriptor of a process, which means that process even when its id has been given to another one ({@code pidfd_open(2)}). */
public final class ProcessDescriptor implements AutoCloseable {
    /** {@code struct pollfd}. */
    private static final int POLL_BYTES = 8;

    private static final int EVENTS_AT = 4;
    private static final short POLLIN = 1;

    private final LibC libc;
    private final NativeArena arena;
    private final long question;
    private final int descriptor;

    private ProcessDescriptor(LibC libc, NativeArena arena, int descriptor) {
        this.libc = libc;
        this.arena = arena;
        this.descriptor = descriptor;
        this.question = arena.allocate(POLL_BYTES);
    }

    /**
     * Opens one.
     *
     * @param call the number of {@code pidfd_open(2)}
     * @throws SysException with ESRCH if there is no such process, with EINVAL or ENOENT if it is but a thread of one
     */
    public static ProcessDescriptor open(NativeLibrary library, long call, int pid) {
        LibC libc = library.libc();
        long descriptor = libc.syscall(call, pid, 0, 0, 0);
        if (descriptor == -1) {
            throw new SysException("pidfd_open", libc.errno(), "process " + pid);
        }
        return new ProcessDescriptor(libc, new NativeArena(libc), (int) descriptor);
    }

    /** Whether the process has ended: one that only waits for its parent has. */
    public boolean hasEnded() {
        libc.memory().putInt(question, descriptor);
        libc.memory().putInt(question + EVENTS_AT, POLLIN);
        return libc.poll(question, 1, 0) > 0;
    }

    @Override
    public void close() {
        libc.close(descriptor);
        arena.close();
    }
}
