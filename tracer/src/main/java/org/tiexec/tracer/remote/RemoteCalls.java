package org.tiexec.tracer.remote;

import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.tracer.target.TargetGoneException;

/** Something that makes a target do system calls. */
public interface RemoteCalls {
    /**
     * Makes one call.
     *
     * @return the kernel's raw result; −1 to −4095 are errors
     * @throws TargetGoneException if the target ended
     */
    long call(SyscallName name, long... arguments) throws TargetGoneException;

    /** Says that no call follows for a while, during which the target may run if it can be held again. */
    default void letRun() {}
}
