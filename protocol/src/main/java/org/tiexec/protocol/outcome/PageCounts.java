package org.tiexec.protocol.outcome;

import java.util.List;
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
    /** Counts the pages of {@code range} by its entries in smaps. */
    public static PageCounts of(List<MappedPages> entries, AddressRange range) {
        long huge = 0;
        long bytes = 0;
        for (MappedPages entry : entries) {
            if (range.contains(entry.mapping().range())) {
                bytes += entry.mapping().range().length();
                huge += entry.hugeBytes();
            }
        }
        return new PageCounts((bytes - huge) / PageSize.BASE, huge / PageSize.HUGE);
    }
}
