package org.tiexec.helper.backing;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;

/** Pages that the administrator has reserved for {@code MAP_HUGETLB} ({@code admin-guide/mm/hugetlbpage.rst}). */
final class Hugetlb implements Backing {
    @Override
    public BackingName name() {
        return BackingName.HUGETLB;
    }

    /** The size is always named: an administrator may have made 1 GiB the default. */
    @Override
    public List<MmapFlag> mapFlags() {
        return List.of(MmapFlag.MAP_HUGETLB, MmapFlag.MAP_HUGE_2MB);
    }

    @Override
    public boolean needsAdvice() {
        return false;
    }

    /** {@code mremap(2)} of hugetlb memory: "Since Linux 5.16". */
    @Override
    public boolean isMovable(HostFacts host) {
        return host.kernelIsAtLeast(5, 16);
    }

    /** The size that mends it keeps every page in the pool that is in use now. */
    @Override
    public Optional<Shortage> shortage(HostFacts host, long hugePages) {
        long available = host.hugePagesAvailable();
        if (available >= hugePages) {
            return Optional.empty();
        }
        long poolSize = host.hugePagesTotal() + hugePages - available;
        return Optional.of(new Shortage(
                "hugetlb: " + hugePages + (hugePages == 1 ? " page" : " pages") + " needed, " + available + " free",
                "reserve: sysctl vm.nr_hugepages=" + poolSize));
    }
}
