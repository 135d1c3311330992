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
}
