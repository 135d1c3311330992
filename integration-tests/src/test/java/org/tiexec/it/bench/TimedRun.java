package org.tiexec.it.bench;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One run of a program from start to end, in milliseconds.
 *
 * @param whole until the end was seen of the process that was started
 * @param spoke until the first byte of output; the same program takes the same time from its first instruction to that
 */
record TimedRun(double whole, double spoke) {
    private static final double NANOS_PER_MILLI = 1e6;

    /** Runs it, and waits until no process of the launch is left. */
    static TimedRun of(Launcher launcher, Program program, Scratch scratch) throws IOException, InterruptedException {
        Path told = scratch.directory().resolve("told");
        ProcessBuilder builder = launcher.process(program.command())
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectError(told.toFile());
        builder.environment().put(OurProcesses.MARK, OurProcesses.mark());
        long start = System.nanoTime();
        Process process = builder.start();
        int first = process.getInputStream().read();
        long spoke = System.nanoTime();
        int status = process.waitFor();
        long ended = System.nanoTime();
        if (!launcher.words().isEmpty()) {
            OurProcesses.awaitNone();
        }
        String complaint = Files.readString(told, StandardCharsets.UTF_8);
        if (status != 0 || (first < 0) != program.isSilent() || !complaint.isEmpty()) {
            throw new BenchmarkException(
                    launcher.command(program.command()) + " exited with " + status + ": " + complaint);
        }
        return new TimedRun((ended - start) / NANOS_PER_MILLI, (spoke - start) / NANOS_PER_MILLI);
    }
}
