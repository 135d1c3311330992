package org.tiexec.helper.strategy;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;

/** Takes the 2 MiB-aligned interior; head and tail stay on the file as they are. */
final class Conservative implements RegionStrategy {
    @Override
    public Optional<AddressRange> choose(Mapping code, List<Mapping> mappings) {
        return code.range().alignedInterior(PageSize.HUGE);
    }
}
