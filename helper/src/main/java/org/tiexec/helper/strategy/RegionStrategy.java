package org.tiexec.helper.strategy;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.Mapping;

/** Decides which part of a mapping, or how much around it, goes to huge pages. */
public interface RegionStrategy {
    /**
     * Chooses a range whose ends are multiples of 2 MiB. It may go beyond the mapping as far as {@link
     * org.tiexec.protocol.plan.Widening} permits.
     *
     * @param code a mapping of replaceable code
     * @param mappings all mappings of the process, ascending
     * @return empty if nothing of the mapping can go
     */
    Optional<AddressRange> choose(Mapping code, List<Mapping> mappings);
}
