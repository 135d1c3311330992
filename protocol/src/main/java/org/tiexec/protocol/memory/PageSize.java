package org.tiexec.protocol.memory;

/** The page sizes in bytes between which this project moves code. */
public final class PageSize {
    /** The base page of x86-64: 4 KiB. */
    public static final long BASE = 4L << 10;

    /** The huge page that a level-2 page-table entry maps: 2 MiB. */
    public static final long HUGE = 2L << 20;

    /** What one level-3 entry spans: 1 GiB. Stages keep the destination's offset within it. */
    public static final long GIGANTIC = 1L << 30;

    private PageSize() {}
}
