package org.tiexec.it.bench;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tiexec.it.support.LiveProcess;

/**
 * How many pages the code of a running program takes, by smaps.
 *
 * @param small pages of 4 KB
 * @param large pages of 2 MB
 */
record CodePages(long small, long large) {
    private static final long SMALL_KB = 4;
    private static final long LARGE_KB = 2048;
    private static final Pattern MAPPING = Pattern.compile(
            "(?m)^([0-9a-f]+)-([0-9a-f]+) (\\S+) \\S+ \\S+ \\S+ *(.*)\\R((?:[A-Z]\\w*:.*(?:\\R|\\z))*)");
    private static final Pattern LARGE_PAGES = Pattern.compile("(?m)^KernelPageSize: +2048 kB$");
    private static final Pattern TRANSPARENT = Pattern.compile("(?m)^AnonHugePages: +(\\d+) kB$");

    /** Of all executable mappings between the first and the last mapping of the program's file. */
    static CodePages of(LiveProcess process, Path executable) {
        String smaps = process.read("smaps");
        long first = Long.MAX_VALUE;
        long last = 0;
        for (Matcher mapping = MAPPING.matcher(smaps); mapping.find(); ) {
            if (mapping.group(4).equals(executable.toString())) {
                first = Math.min(first, Long.parseUnsignedLong(mapping.group(1), 16));
                last = Math.max(last, Long.parseUnsignedLong(mapping.group(2), 16));
            }
        }
        first = Math.min(first, startOfRoundedCode(smaps, first));
        long smallKb = 0;
        long largeKb = 0;
        for (Matcher mapping = MAPPING.matcher(smaps); mapping.find(); ) {
            long start = Long.parseUnsignedLong(mapping.group(1), 16);
            long end = Long.parseUnsignedLong(mapping.group(2), 16);
            if (Long.compareUnsigned(start, first) >= 0
                    && Long.compareUnsigned(end, last) <= 0
                    && mapping.group(3).startsWith("r-x")) {
                long kb = (end - start) >> 10;
                long large = LARGE_PAGES.matcher(mapping.group(5)).find() ? kb : transparentKb(mapping.group(5));
                largeKb += large;
                smallKb += kb - large;
            }
        }
        return new CodePages(smallKb / SMALL_KB, largeKb / LARGE_KB);
    }

    /** Code that is rounded outward may be all that there is before the file's first mapping: it ends in front of that. */
    private static long startOfRoundedCode(String smaps, long first) {
        for (Matcher mapping = MAPPING.matcher(smaps); mapping.find(); ) {
            long end = Long.parseUnsignedLong(mapping.group(2), 16);
            boolean inMemory = mapping.group(4).isEmpty() || mapping.group(4).startsWith("/anon_hugepage");
            if (inMemory && mapping.group(3).startsWith("r-x") && end <= first && first - end < LARGE_KB << 10) {
                return Long.parseUnsignedLong(mapping.group(1), 16);
            }
        }
        return first;
    }

    private static long transparentKb(String fields) {
        Matcher field = TRANSPARENT.matcher(fields);
        return field.find() ? Long.parseLong(field.group(1)) : 0;
    }
}
