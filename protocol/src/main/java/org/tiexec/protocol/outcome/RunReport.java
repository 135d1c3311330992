package org.tiexec.protocol.outcome;

import java.util.List;
import org.tiexec.protocol.plan.Purpose;

/**
 * Everything that a run can tell afterwards: the content of the archive.
 *
 * @param purpose what was to be done
 * @param pid the target
 * @param program the executable as the kernel names it
 * @param outcome one word: {@code swapped}, {@code partly-swapped}, {@code nothing-to-do} or {@code not-swapped};
 *     of an undo {@code undone}, {@code partly-undone}, {@code nothing-to-do} or {@code not-undone}
 * @param attempts each plan that was tried, in order
 * @param notes what was not done, each with its reason
 * @param noticed what threads of a program that ran meanwhile may have noticed, in whole sentences
 * @param phases where the time went, in order
 * @param stops for how long the target, or those of its threads that were needed, stood still each time, in nanoseconds
 */
public record RunReport(
        Purpose purpose,
        int pid,
        String program,
        String outcome,
        List<Attempt> attempts,
        List<String> notes,
        List<String> noticed,
        List<Phase> phases,
        List<Long> stops) {
    /** Takes copies of the lists. */
    public RunReport {
        attempts = List.copyOf(attempts);
        notes = List.copyOf(notes);
        noticed = List.copyOf(noticed);
        phases = List.copyOf(phases);
        stops = List.copyOf(stops);
    }

    /** For how long it stood still in all, in nanoseconds. */
    public long stopNanos() {
        long sum = 0;
        for (long stop : stops) {
            sum += stop;
        }
        return sum;
    }

    /** For how long it stood still at most at a time, in nanoseconds. */
    public long longestStopNanos() {
        long longest = 0;
        for (long stop : stops) {
            longest = Math.max(longest, stop);
        }
        return longest;
    }

    /** The same report with something else to tell of what was tried. */
    public RunReport withAttempts(List<Attempt> others) {
        return new RunReport(purpose, pid, program, outcome, others, notes, noticed, phases, stops);
    }
}
