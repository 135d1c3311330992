package org.tiexec.tracer.session;

import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
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
}
