package org.tiexec.tracer.swap;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.outcome.Phase;

/** Cuts the time of a run into named phases. For one thread. */
public final class PhaseClock {
    private final List<Phase> phases = new ArrayList<>();
    private long last;

    /**
     * Starts at a moment.
     *
     * @param start in the time of {@link System#nanoTime}
     */
    public PhaseClock(long start) {
        this.last = start;
    }

    /** Ends the phase that has been going on. */
    public void end(String name) {
        long now = System.nanoTime();
        phases.add(new Phase(name, now - last));
        last = now;
    }

    /** The phases that have ended, in order. */
    public List<Phase> phases() {
        return List.copyOf(phases);
    }
}
