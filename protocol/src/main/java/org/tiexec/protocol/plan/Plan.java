package org.tiexec.protocol.plan;

import java.util.List;

/**
 * A straight-line program of system calls and helper tasks that moves regions of one process to huge pages.
 *
 * @param header what it is for
 * @param steps in the order in which they are done
 */
public record Plan(PlanHeader header, List<Step> steps) {
    /** The version of the plan format that this code writes and reads. */
    public static final int VERSION = 1;

    /** More steps than this are refused. */
    public static final int MAX_STEPS = 4096;

    /** More regions than this are refused. */
    public static final int MAX_REGIONS = 256;

    /**
     * More bytes of code than this are refused: twice what the usual code models of x86-64 can address, as an ELF header
     * may claim terabytes of a file that is nearly empty on disk.
     */
    public static final long MAX_BYTES = 4L << 30;

    /** Takes a copy of the steps. */
    public Plan {
        steps = List.copyOf(steps);
    }
}
