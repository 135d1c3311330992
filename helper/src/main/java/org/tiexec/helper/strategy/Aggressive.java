package org.tiexec.helper.strategy;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Widening;
import org.tiexec.protocol.procfs.Mapping;

/** Rounds outward to whole 2 MiB on either side where {@link Widening} permits it, inward where it does not. */
final class Aggressive implements RegionStrategy {
    @Override
    public Optional<AddressRange> choose(Mapping code, List<Mapping> mappings) {
        Address start = code.range().start();
        Address end = code.range().end();
        Address first = Widening.below(code, mappings).isPresent()
                ? start.alignDown(PageSize.HUGE)
                : start.alignUp(PageSize.HUGE);
        Address last =
                Widening.above(code, mappings).isPresent() ? end.alignUp(PageSize.HUGE) : end.alignDown(PageSize.HUGE);
        return first.isBelow(last) ? Optional.of(new AddressRange(first, last)) : Optional.empty();
    }
}
