package org.tiexec.tracer.swap;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Region;

/** The checks that the tracer makes itself, whatever a plan says, before new memory takes the place of the old. */
public interface CommitGuard {
    /**
     * Whether new memory holds the original's bytes.
     *
     * @param region which region
     * @param fresh where the new memory is
     * @param original where the original is parked
     * @return why not, or empty
     */
    Optional<String> differs(Region region, Address fresh, Address original);

    /**
     * Whether a range stands wholly on 2 MiB pages now.
     *
     * @return why not, or empty
     */
    Optional<String> isNotHuge(AddressRange range);

    /**
     * Whether a place that the kernel has given to new memory was free before the plan.
     *
     * @return why not, or empty
     */
    Optional<String> isNotNew(AddressRange place);

    /**
     * Whether the original of a region is parked at a place, from where it could come back.
     *
     * @return why not, or empty
     */
    Optional<String> isNotParked(Region region, Address place);

    /**
     * Whether a place begins with other bytes than a region: a look that takes no time, for a moment when a thread of the
     * target stands still.
     *
     * @return why it is not the original of the region, or empty
     */
    Optional<String> beginsOtherwise(Region region, Address place);

    /**
     * Whether what was mapped in a range before the plan has been exchanged since, by a target that runs.
     *
     * @param protection the rights that it should have by now
     * @return what is different, or empty
     */
    Optional<String> hasChanged(AddressRange range, Protection protection);

    /**
     * Whether a gap that was claimed for a region holds something else by now, mapped there by a target that runs.
     *
     * @return what, or empty
     */
    Optional<String> isNotClaimed(AddressRange gap);

    /**
     * Whether a region whose steps were taken back is what it was before.
     *
     * @param places where its steps had put new memory or the original, and nobody else can have put anything since
     * @return what remains, or empty
     */
    Optional<String> isNotAsBefore(Region region, List<AddressRange> places);
}
