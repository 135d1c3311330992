package org.tiexec.tracer.sys;

import org.tiexec.protocol.memory.Address;

/** Compares two places in a target's memory. */
public interface ByteComparison {
    /**
     * Looks for a difference.
     *
     * @param length how many bytes are compared
     * @return the distance from the start of a piece that differs, or {@code length} if there is none
     * @throws SysException if one of the places cannot be read
     */
    long firstDifference(Address place, Address otherPlace, long length);
}
