package org.tiexec.tracer.sys;

import org.tiexec.protocol.abi.Errno;

/** A system call of our own failed. */
public final class SysException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Errno errno;

    /**
     * States which call failed for which object.
     *
     * @param call the call's name, such as {@code ptrace(PTRACE_SEIZE)}
     * @param errno the kernel's reason
     * @param target what it was applied to, such as {@code process 4242}
     */
    public SysException(String call, Errno errno, String target) {
        super(call + " on " + target + ": " + errno + " (" + errno.meaning() + ")");
        this.errno = errno;
    }

    /** The kernel's reason. */
    public Errno errno() {
        return errno;
    }
}
