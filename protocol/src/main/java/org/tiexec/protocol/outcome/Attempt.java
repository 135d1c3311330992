package org.tiexec.protocol.outcome;

import java.util.List;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.plan.Plan;

/**
 * One plan with everything that was done of it.
 *
 * @param plan as it was received
 * @param steps the outcome of each step that was tried, in order
 * @param undone the outcome of each undo, under the id of the step it took back
 * @param regions the outcome of each region
 */
public record Attempt(Plan plan, List<StepOutcome> steps, List<StepOutcome> undone, List<RegionOutcome> regions) {
    /** Takes copies of the lists. */
    public Attempt {
        steps = List.copyOf(steps);
        undone = List.copyOf(undone);
        regions = List.copyOf(regions);
    }

    /** Whether at least one region is on huge pages now. */
    public boolean swappedSomething() {
        for (RegionOutcome region : regions) {
            if (region.isSwapped()) {
                return true;
            }
        }
        return false;
    }

    /** Whether all regions are on huge pages now. */
    public boolean swappedEverything() {
        for (RegionOutcome region : regions) {
            if (!region.isSwapped()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether the kernel refused a step for want of pages: ENOMEM when they are mapped, EFAULT when they are first written
     * (hugetlb memory beyond a limit of its cgroup).
     */
    public boolean ranOutOfPages() {
        for (StepOutcome step : steps) {
            if (step.result() instanceof StepResult.Failed failed
                    && (failed.errno().equals(Errno.ENOMEM) || failed.errno().equals(Errno.EFAULT))) {
                return true;
            }
        }
        return false;
    }
}
