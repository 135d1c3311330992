package org.tiexec.protocol.outcome;

import java.util.List;

/**
 * Everything that a run can tell afterwards: the content of the archive.
 *
 * @param pid the target
 * @param program the executable as the kernel names it
 * @param outcome one word: {@code swapped}, {@code partly-swapped}, {@code nothing-to-do} or {@code not-swapped}
 * @param attempts each plan that was tried, in order
 * @param notes what was not done, each with its reason
 * @param phases where the time went, in order
 * @param stopNanos for how long the target stood still, in nanoseconds
 */
public record RunReport(
        int pid,
        String program,
        String outcome,
        List<Attempt> attempts,
        List<String> notes,
        List<Phase> phases,
        long stopNanos) {
    /** Takes copies of the lists. */
    public RunReport {
        attempts = List.copyOf(attempts);
        notes = List.copyOf(notes);
        phases = List.copyOf(phases);
    }
}
