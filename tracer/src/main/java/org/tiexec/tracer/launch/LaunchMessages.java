package org.tiexec.tracer.launch;

import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.protocol.outcome.RunReport;

/** The lines that tell why a program runs without us, or does not run. */
final class LaunchMessages {
    private static final int EXIT_NOT_EXECUTABLE = 126;
    private static final int EXIT_NOT_FOUND = 127;

    private final byte[] program;
    private final PrintStream err;

    /**
     * Speaks about one program.
     *
     * @param program as it was typed
     * @param err where people read
     */
    LaunchMessages(byte[] program, PrintStream err) {
        this.program = program;
        this.err = err;
    }

    /** The program as it was typed, so far as it can be shown. */
    String programName() {
        return Printable.of(new String(program, StandardCharsets.UTF_8));
    }

    /** It runs without what was asked for. */
    void runsWithout(String reason, String what) {
        say(programName() + ": " + Printable.of(reason) + "; the program runs without " + what);
    }

    /** What was done to it, which it is about to run with. */
    void tell(Launch launch, RunReport report, LaunchResult result) {
        try {
            if (result.isFailure() && !launch.options().verbose()) {
                runsWithout(result.reason(), result.missing());
            }
            launch.observer().done(report);
        } catch (RuntimeException | Error e) {
            warn("the report could not be made: " + e);
        }
    }

    /**
     * It does not run, for a reason of ours.
     *
     * @return the exit status that says so
     */
    int notRun(String reason) {
        say(programName() + ": " + Printable.of(reason) + "; the program was not run");
        return LaunchSession.EXIT_OWN_FAILURE;
    }

    /**
     * It does not run, because the kernel cannot execute it.
     *
     * @return the exit status that says so
     */
    int notExecuted(Errno errno) {
        say("cannot run '" + programName() + "': " + errno.meaning() + hint(errno));
        return errno.equals(Errno.ENOENT) ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    }

    /** Something else that went wrong. */
    void warn(String text) {
        say(programName() + ": " + text);
    }

    /** Where they go. */
    PrintStream stream() {
        return err;
    }

    void flush() {
        err.flush();
    }

    private void say(String text) {
        err.println("tracer: " + text);
    }

    private String hint(Errno errno) {
        if (errno.equals(Errno.ENOENT)) {
            return programName().contains("/") ? "" : " (looked along PATH; give a path, or install it)";
        }
        if (errno.equals(Errno.EACCES)) {
            return new File(programName()).isDirectory() ? " (it is a directory)" : " (if it is a program: chmod +x)";
        }
        return "";
    }
}
