package org.tiexec.helper.backing;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;

/** A kind of huge pages. */
public interface Backing {
    /** The name in plans. */
    BackingName name();

    /** What {@code mmap(2)} takes besides {@code MAP_PRIVATE|MAP_ANONYMOUS}. */
    List<MmapFlag> mapFlags();

    /** Whether new memory becomes huge only by {@code madvise(2)}, before and after it is filled. */
    boolean needsAdvice();

    /** Whether {@code mremap(2)} can move such memory and leave it huge. */
    boolean isMovable(HostFacts host);

    /**
     * Why {@code hugePages} pages of 2 MiB cannot be had, so far as the kernel tells beforehand.
     *
     * @return empty if they can
     */
    Optional<Shortage> shortage(HostFacts host, long hugePages);
}
