package org.tiexec.protocol.plan;

/**
 * What the machine offers at one moment.
 *
 * @param kernelRelease as {@code uname -r} prints it
 * @param thpMode the selected word of {@code /sys/kernel/mm/transparent_hugepage/enabled}; {@code absent} without THP
 * @param hugePagesTotal 2 MiB pages in the pool
 * @param hugePagesFree pages in the pool that no one holds
 * @param hugePagesReserved free pages that are promised to mappings already
 * @param hugePagesOvercommit pages that the kernel may still add to the pool on demand
 */
public record HostFacts(
        String kernelRelease,
        String thpMode,
        long hugePagesTotal,
        long hugePagesFree,
        long hugePagesReserved,
        long hugePagesOvercommit) {
    /** How many 2 MiB pages a new mapping can get now. */
    public long hugePagesAvailable() {
        return Math.max(0, hugePagesFree - hugePagesReserved) + hugePagesOvercommit;
    }

    /** Whether the kernel is at least {@code major.minor}; a release of any other form counts as too old. */
    public boolean kernelIsAtLeast(int major, int minor) {
        int dot = kernelRelease.indexOf('.');
        int end = dot + 1;
        while (dot > 0 && end < kernelRelease.length() && Character.isDigit(kernelRelease.charAt(end))) {
            end++;
        }
        if (dot <= 0 || end == dot + 1) {
            return false;
        }
        try {
            int haveMajor = Integer.parseInt(kernelRelease.substring(0, dot));
            int haveMinor = Integer.parseInt(kernelRelease.substring(dot + 1, end));
            return haveMajor > major || (haveMajor == major && haveMinor >= minor);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
