package org.tiexec.helper.cli;

/** The exit statuses of the program. */
final class ExitStatus {
    /** Done, or nothing to do. */
    static final int OK = 0;

    /** What was asked for cannot be done. */
    static final int FAILED = 1;

    /** The command line is not understood. */
    static final int USAGE = 2;

    private ExitStatus() {}
}
