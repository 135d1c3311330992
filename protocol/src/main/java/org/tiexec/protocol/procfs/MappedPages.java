package org.tiexec.protocol.procfs;

import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;

/**
 * One entry of {@code /proc/PID/smaps}: a mapping with the pages behind it.
 *
 * @param mapping the entry's first line
 * @param kernelPageBytes the page size in bytes that the kernel manages it with; 2 MiB for hugetlb memory
 * @param anonHugeBytes how many bytes are transparent huge pages, mapped as such
 * @param filePmdBytes how many bytes of a file are mapped by huge entries
 * @param vmFlags the kernel's two-letter flags of the mapping, such as {@code ht}
 */
public record MappedPages(
        Mapping mapping, long kernelPageBytes, long anonHugeBytes, long filePmdBytes, List<String> vmFlags) {
    /** {@code VmFlags} of a sealed mapping ({@code proc_pid_smaps(5)}). */
    private static final String SEALED = "sl";

    /** Takes a copy of the flags. */
    public MappedPages {
        vmFlags = List.copyOf(vmFlags);
    }

    /** Whether {@code mseal(2)} has sealed the mapping: nobody can move, unmap or protect it any more. */
    public boolean isSealed() {
        return vmFlags.contains(SEALED);
    }

    /** How many bytes of the mapping stand on 2 MiB pages now. */
    public long hugeBytes() {
        return kernelPageBytes == PageSize.HUGE ? mapping.range().length() : anonHugeBytes + filePmdBytes;
    }

    /** Whether every byte of {@code range} is on 2 MiB pages, so far as the entries in {@code pages} tell. */
    public static boolean areWhollyHuge(List<MappedPages> pages, AddressRange range) {
        long covered = 0;
        for (MappedPages entry : pages) {
            AddressRange mapped = entry.mapping.range();
            if (!mapped.overlaps(range)) {
                continue;
            }
            // an entry may reach beyond the range: the kernel merges neighbours that are alike
            if (entry.hugeBytes() != mapped.length()) {
                return false;
            }
            Address first = mapped.contains(range.start()) ? range.start() : mapped.start();
            Address last = range.end().isBelow(mapped.end()) ? range.end() : mapped.end();
            covered += last.distanceFrom(first);
        }
        return covered == range.length();
    }
}
