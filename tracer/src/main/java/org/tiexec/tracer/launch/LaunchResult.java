package org.tiexec.tracer.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.Phase;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.tracer.helper.PlanAnswer;

/**
 * What was done to one program before its first instruction.
 *
 * @param attempts each plan that was executed
 * @param shortfall why not everything was done; empty if it was
 */
record LaunchResult(List<Attempt> attempts, Optional<PlanAnswer.Declined> shortfall) {
    boolean isFailure() {
        return shortfall.isPresent() && !shortfall.get().nothingToDo();
    }

    /** Why not everything was done. */
    String reason() {
        return shortfall.isPresent() ? shortfall.get().reason() : "";
    }

    /** Whether there was nothing to be done, so that nothing was. */
    boolean foundNothing() {
        return attempts.isEmpty() && shortfall.isPresent() && shortfall.get().nothingToDo();
    }

    boolean swappedSomething() {
        for (Attempt attempt : attempts) {
            if (attempt.swappedSomething()) {
                return true;
            }
        }
        return false;
    }

    /** Which of its wishes a program that nevertheless runs has to do without. */
    String missing() {
        return swappedSomething() ? "that" : "2 MB pages";
    }

    /**
     * The whole as a document.
     *
     * @param restriction what could not be used from the start; empty if nothing
     * @param noticed what else is to be known about it
     */
    RunReport report(
            int pid, String program, String restriction, List<String> noticed, List<Phase> phases, long stopNanos) {
        boolean toldByRegions = false;
        for (Attempt attempt : attempts) {
            toldByRegions |= !attempt.swappedEverything();
        }
        List<String> notes = new ArrayList<>();
        if (shortfall.isPresent() && !toldByRegions) {
            notes.add(reason());
        }
        if (!restriction.isEmpty()) {
            notes.add(restriction);
        }
        return new RunReport(
                Purpose.LAUNCH, pid, program, outcome(), attempts, notes, noticed, phases, List.of(stopNanos));
    }

    private String outcome() {
        if (shortfall.isEmpty()) {
            return "swapped";
        }
        if (swappedSomething()) {
            return "partly-swapped";
        }
        return shortfall.get().nothingToDo() ? "nothing-to-do" : "not-swapped";
    }
}
