package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.tracer.target.ProcessView;

/**
 * When a thread ran last, on the clock of its processor, which is not that of another one.
 *
 * @param processor its number
 * @param millis since some moment that is the processor's own
 */
record LastRun(int processor, double millis) {
    private static final String EXEC_START = "se.exec_start";
    private static final int PROCESSOR_AFTER_STATE = 36;
    private static final int NANOS_PER_MILLI = 1_000_000;

    /** Asks the scheduler; kernels can be built so that it does not tell ({@code /proc/PID/task/TID/sched}). */
    static Optional<LastRun> of(ProcessView process, int thread) {
        try {
            String stat = text(process, thread, "stat");
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ", -1);
            for (String line : text(process, thread, "sched").split("\n", -1)) {
                if (line.startsWith(EXEC_START)) {
                    double millis = Double.parseDouble(line.substring(line.indexOf(':') + 1));
                    return Optional.of(new LastRun(Integer.parseInt(fields[PROCESSOR_AFTER_STATE]), millis));
                }
            }
            return Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String text(ProcessView process, int thread, String file) throws IOException {
        return new String(process.procFile("task/" + thread + "/" + file), StandardCharsets.UTF_8);
    }

    /** How long it did not run before this; unknown if it has come to another processor. */
    Optional<Duration> after(LastRun earlier) {
        return processor == earlier.processor && millis >= earlier.millis
                ? Optional.of(Duration.ofNanos((long) ((millis - earlier.millis) * NANOS_PER_MILLI)))
                : Optional.empty();
    }
}
