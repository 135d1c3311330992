package org.tiexec.helper.cli;

import java.io.PrintStream;

/** An error of our own making. */
final class Crash {
    private Crash() {}

    /**
     * Says in one line what it was and where.
     *
     * @return the exit status
     */
    static int report(Throwable error, PrintStream errors) {
        StackTraceElement[] trace = error.getStackTrace();
        errors.println("helper: internal error: " + error + (trace.length == 0 ? "" : " at " + trace[0]));
        return ExitStatus.FAILED;
    }
}
