package org.tiexec.protocol.elf;

import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;

/**
 * A {@code PT_LOAD} program header: a piece of the file that the kernel maps.
 *
 * @param protection the mapping's protection
 * @param fileOffset where it starts in the file, in bytes
 * @param virtualAddress where it is mapped, relative to the load bias
 * @param fileBytes how many bytes come from the file
 * @param memoryBytes how many bytes it takes in memory; the rest is zero
 * @param alignment the required alignment in bytes, a power of two
 */
public record LoadSegment(
        Protection protection, long fileOffset, long virtualAddress, long fileBytes, long memoryBytes, long alignment) {
    /** The whole pages that map the file's part of this segment (not empty) when it is loaded at {@code bias}. */
    public AddressRange mappedFileRange(long bias) {
        Address start = new Address(bias + virtualAddress).alignDown(PageSize.BASE);
        Address end = new Address(bias + virtualAddress + fileBytes).alignUp(PageSize.BASE);
        return new AddressRange(start, end);
    }
}
