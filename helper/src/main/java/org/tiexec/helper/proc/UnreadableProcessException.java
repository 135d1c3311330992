package org.tiexec.helper.proc;

/** A process does not let us see its memory, or there is none. */
public final class UnreadableProcessException extends Exception {
    private static final long serialVersionUID = 1L;

    /** States what, why, what to do, in one line. */
    public UnreadableProcessException(String reason) {
        super(reason);
    }
}
