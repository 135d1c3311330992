package org.tiexec.helper.backing;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;

/** Anonymous memory that the kernel makes huge on advice ({@code admin-guide/mm/transhuge.rst}). */
final class Thp implements Backing {
    @Override
    public BackingName name() {
        return BackingName.THP;
    }

    @Override
    public List<MmapFlag> mapFlags() {
        return List.of();
    }

    @Override
    public boolean needsAdvice() {
        return true;
    }

    /** A 2 MiB page that lands on a multiple of 2 MiB stays whole. */
    @Override
    public boolean isMovable(HostFacts host) {
        return true;
    }

    /** Since 6.1 {@code MADV_COLLAPSE} works in every mode; before, mode {@code never} means never. */
    @Override
    public Optional<Shortage> shortage(HostFacts host, long hugePages) {
        if (host.thpMode().equals("absent")) {
            return Optional.of(new Shortage(
                    "thp: this kernel has no transparent huge pages, or /sys is not mounted",
                    "it takes one built with CONFIG_TRANSPARENT_HUGEPAGE"));
        }
        if (host.thpMode().equals("never") && !host.kernelIsAtLeast(6, 1)) {
            return Optional.of(new Shortage(
                    "thp: switched off, and Linux " + host.kernelRelease() + " cannot collapse pages on request",
                    "allow: echo madvise >/sys/kernel/mm/transparent_hugepage/enabled"));
        }
        return Optional.empty();
    }
}
