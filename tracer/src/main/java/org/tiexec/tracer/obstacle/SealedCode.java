package org.tiexec.tracer.obstacle;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.procfs.MappedPages;

/**
 * Finds out whether a plan would touch what {@code mseal(2)} has sealed.
 *
 * <p>The kernel refuses to move such a mapping, in this direction or back: nothing of the plan is begun.
 */
public final class SealedCode {
    private SealedCode() {}

    /**
     * Why a plan must not be executed.
     *
     * @param plan the plan
     * @param pages what smaps says of the mapping of each region, in their order
     * @return in words, or empty
     */
    public static Optional<String> objection(Plan plan, List<List<MappedPages>> pages) {
        List<Region> regions = plan.header().regions();
        for (int i = 0; i < regions.size(); i++) {
            for (MappedPages entry : pages.get(i)) {
                if (entry.isSealed()
                        && entry.mapping().range().overlaps(regions.get(i).range())) {
                    return Optional.of("region " + regions.get(i).id() + " not swapped: its mapping "
                            + entry.mapping().range() + " is sealed (mseal)");
                }
            }
        }
        return Optional.empty();
    }
}
