package org.tiexec.tracer.remote;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.tracer.target.TargetGoneException;

/** Something that makes a target do system calls. */
public interface RemoteCalls extends AutoCloseable {
    /**
     * Makes one call.
     *
     * @return the kernel's raw result; −1 to −4095 are errors
     * @throws TargetGoneException if the target ended
     */
    long call(SyscallName name, long... arguments) throws TargetGoneException;

    /** Says that no call follows for a while, during which the target may run if it can be held again. */
    default void letRun() {}

    /**
     * Prepares the target for calls; not needed by those that are ready from the start.
     *
     * @throws IOException if it cannot be prepared; it is as it was
     * @throws TargetGoneException if the target ended
     */
    default void open() throws IOException, TargetGoneException {}

    /**
     * Ends what {@link #open} has begun.
     *
     * @throws TargetGoneException if the target ended
     */
    @Override
    default void close() throws TargetGoneException {}

    /** After closing: what of ours is still in the target, which is harmless to it but ours to tell. */
    default Optional<String> remains() {
        return Optional.empty();
    }
}
