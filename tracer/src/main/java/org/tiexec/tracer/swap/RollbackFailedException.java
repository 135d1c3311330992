package org.tiexec.tracer.swap;

/** A change to the target could not be taken back, so that it must not run on. */
public final class RollbackFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** States which change remains. */
    RollbackFailedException(String reason) {
        super(reason);
    }
}
