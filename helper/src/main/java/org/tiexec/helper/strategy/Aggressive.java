package org.tiexec.helper.strategy;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.plan.Widening;
import org.tiexec.protocol.procfs.Mapping;

/** Rounds outward to whole 2 MiB where {@link Widening} permits it. */
final class Aggressive implements RegionStrategy {
    @Override
    public Optional<AddressRange> choose(Mapping code, List<Mapping> mappings) {
        return Widening.around(code, mappings);
    }
}
