package org.tiexec.protocol.outcome;

import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.MappedPages;

/**
 * On how many pages of which size a stretch of memory is mapped.
 *
 * @param base the number of 4 KiB pages
 * @param huge the number of 2 MiB pages
 */
public record PageCounts(long base, long huge) {
    /**
     * Counts the pages of {@code range} by its entries in smaps.
     *
     * <p>Of an entry that goes beyond the range, where its huge pages are is not known: all of what it has in the range
     * counts as small ones.
     */
    public static PageCounts of(List<MappedPages> entries, AddressRange range) {
        long huge = 0;
        long bytes = 0;
        for (MappedPages entry : entries) {
            if (range.contains(entry.mapping().range())) {
                bytes += entry.mapping().range().length();
                huge += entry.hugeBytes();
            } else if (range.overlaps(entry.mapping().range())) {
                bytes += overlap(range, entry.mapping().range());
            }
        }
        return new PageCounts((bytes - huge) / PageSize.BASE, huge / PageSize.HUGE);
    }

    private static long overlap(AddressRange one, AddressRange other) {
        Address start = one.start().isBelow(other.start()) ? other.start() : one.start();
        Address end = one.end().isBelow(other.end()) ? one.end() : other.end();
        return end.distanceFrom(start);
    }
}
