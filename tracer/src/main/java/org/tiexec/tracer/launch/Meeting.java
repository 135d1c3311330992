package org.tiexec.tracer.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.remote.Arrival;
import org.tiexec.tracer.remote.EntryPoint;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Where a program is met: before its first instruction or, if its libraries are wanted, at its entry point.
 *
 * @param isLost whether it is held no longer
 * @param isElsewhere whether it stands at the beginning of another program, which it has executed on the way
 * @param hasCompany whether other threads of it run already, which constructors of libraries have started
 * @param obstacle why nothing can be done there, if so
 */
record Meeting(boolean isLost, boolean isElsewhere, boolean hasCompany, Optional<PlanAnswer.Declined> obstacle) {
    private static final String THREADS = "\nThreads:\t";

    /** Where it stands. */
    static Meeting atFirstInstruction() {
        return new Meeting(false, false, false, Optional.empty());
    }

    /**
     * Lets it run to its entry point.
     *
     * @throws TargetGoneException if it ends on the way
     */
    static Meeting atEntryPoint(PtraceTarget target, Launch launch) throws TargetGoneException {
        try {
            Arrival arrival = EntryPoint.of(
                            target, launch.arch(), launch.options().timeout())
                    .reach();
            boolean met = arrival == Arrival.AT_ENTRY;
            Optional<PlanAnswer.Declined> obstacle = met ? Optional.empty() : Optional.of(declined(arrival, launch));
            return new Meeting(
                    arrival == Arrival.LOST, arrival == Arrival.OTHER_PROGRAM, met && threads(target) > 1, obstacle);
        } catch (IOException e) {
            return new Meeting(
                    false, false, false, Optional.of(new PlanAnswer.Declined(false, "it cannot be read: " + e)));
        }
    }

    /** What a program does before its entry point is its own business, but for the time that it takes. */
    private static PlanAnswer.Declined declined(Arrival arrival, Launch launch) {
        return switch (arrival) {
            case LATE ->
                new PlanAnswer.Declined(
                        false,
                        "it " + arrival.meaning() + " than "
                                + launch.options().timeout().toMillis() / 1000.0 + " s (--timeout=SECONDS)");
            case OTHER_PROGRAM, LOST -> new PlanAnswer.Declined(true, "nothing to do: it " + arrival.meaning());
            case AT_ENTRY, NO_WAY -> new PlanAnswer.Declined(false, "it " + arrival.meaning());
        };
    }

    private static int threads(PtraceTarget target) throws IOException {
        String status = new String(target.procFile("status"), StandardCharsets.ISO_8859_1);
        int at = status.indexOf(THREADS) + THREADS.length();
        return Integer.parseInt(status.substring(at, status.indexOf('\n', at)));
    }
}
