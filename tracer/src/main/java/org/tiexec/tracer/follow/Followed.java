package org.tiexec.tracer.follow;

import org.tiexec.tracer.target.WaitStatus;

/** How following came to its end. */
public sealed interface Followed {
    /**
     * The process that was launched has ended and has been waited for.
     *
     * @param status how
     */
    record Ended(WaitStatus status) implements Followed {}

    /** It is none of ours any more, or will be none when the tracing thread ends. */
    record Left() implements Followed {}
}
