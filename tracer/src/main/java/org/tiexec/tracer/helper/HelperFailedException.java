package org.tiexec.tracer.helper;

/** The helper is gone or does not speak the protocol. */
public final class HelperFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** States what went wrong. */
    public HelperFailedException(String reason) {
        super("helper: " + reason);
    }

    /** States what went wrong with the failure behind it. */
    public HelperFailedException(String reason, Throwable cause) {
        super("helper: " + reason, cause);
    }
}
