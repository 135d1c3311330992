package org.tiexec.tracer.cli;

/** The command line cannot be understood. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    /** States what is wrong and what would be right. */
    UsageException(String reason) {
        super(reason);
    }
}
