package org.tiexec.helper.testing;

import org.tiexec.protocol.plan.HostFacts;

/** Machines of several kinds. */
public final class Hosts {
    /** A new kernel, no pool. */
    public static final HostFacts WITHOUT_POOL = withFree(0);

    private Hosts() {}

    /** A new kernel with a pool in which {@code pages} pages are free and four in use. */
    public static HostFacts withFree(long pages) {
        return new HostFacts("6.18.44", "madvise", pages + 4, pages, 0, 0);
    }

    /** A kernel of that release with a large pool and THP. */
    public static HostFacts running(String release) {
        return new HostFacts(release, "madvise", 512, 512, 0, 0);
    }

    /** A kernel of that release without a pool, THP in that mode. */
    public static HostFacts running(String release, String thpMode) {
        return new HostFacts(release, thpMode, 0, 0, 0, 0);
    }
}
