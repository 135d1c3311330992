package org.tiexec.protocol.plan;

import java.util.List;
import java.util.Optional;

/**
 * Which of all that is meant is taken.
 *
 * @param libraries patterns for the file names of libraries, of which one must fit; none admits every library
 * @param maxPages how many 2 MB pages may be used, the largest pieces of code first; empty: as many as it takes
 */
public record Selection(List<NamePattern> libraries, Optional<Integer> maxPages) {
    /** All of it. */
    public static final Selection ALL = new Selection(List.of(), Optional.empty());

    /** So many patterns are admitted. */
    public static final int MAX_PATTERNS = 64;

    /** Takes a copy; rejects too many patterns, and a number of pages that is none. */
    public Selection {
        libraries = List.copyOf(libraries);
        if (libraries.size() > MAX_PATTERNS) {
            throw new IllegalArgumentException("at most " + MAX_PATTERNS + " patterns for libraries");
        }
        if (maxPages.isPresent() && maxPages.get() < 1) {
            throw new IllegalArgumentException("pages are counted from 1");
        }
    }

    /**
     * Whether a library is to be taken.
     *
     * @param path its path as {@code /proc/PID/maps} has it; only the last part counts
     */
    public boolean admits(String path) {
        if (libraries.isEmpty()) {
            return true;
        }
        String name = fileName(path);
        for (NamePattern pattern : libraries) {
            if (pattern.matches(name)) {
                return true;
            }
        }
        return false;
    }

    /** The last part of a path in {@code maps}, without the kernel's word for a file that has been deleted. */
    private static String fileName(String path) {
        String deleted = " (deleted)";
        String alive = path.endsWith(deleted) ? path.substring(0, path.length() - deleted.length()) : path;
        return alive.substring(alive.lastIndexOf('/') + 1);
    }
}
