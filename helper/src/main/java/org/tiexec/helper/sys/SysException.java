package org.tiexec.helper.sys;

import org.tiexec.protocol.abi.Errno;

/** A system call that we made ourselves has failed. */
public final class SysException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Errno errno;

    /**
     * States what failed.
     *
     * @param call the C function's name
     * @param errno why the kernel refused
     * @param target what it was called upon, in words that follow the call's name
     */
    public SysException(String call, Errno errno, String target) {
        super(call + " " + target + ": " + errno + " (" + errno.meaning() + ")");
        this.errno = errno;
    }

    /** Why the kernel refused. */
    public Errno errno() {
        return errno;
    }
}
