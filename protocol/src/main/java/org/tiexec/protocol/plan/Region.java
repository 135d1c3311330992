package org.tiexec.protocol.plan;

import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * The part of a mapping that goes to huge pages.
 *
 * @param id its name in the plan
 * @param range what is replaced; inside {@code mapping}
 * @param mapping the mapping as it was when the plan was made
 * @param fileOffset the offset in bytes of {@code range}'s start in the mapped file
 * @param protection the protection before, which is also the one afterwards
 */
public record Region(RegionId id, AddressRange range, AddressRange mapping, long fileOffset, Protection protection) {
    /** Rejects a range that is not inside its mapping. */
    public Region {
        if (!mapping.contains(range)) {
            throw new IllegalArgumentException("region " + range + " is not inside its mapping " + mapping);
        }
    }
}
