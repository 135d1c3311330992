package org.tiexec.it.support;

import java.util.List;

/**
 * The mappings of a process's files, as its maps tells from outside: each with its place, protection, offset, device and
 * inode.
 *
 * @param lines those lines of maps, in order
 */
public record CodeMappings(List<String> lines) {
    /** Looks at a process. */
    public static CodeMappings of(LiveProcess process) {
        return new CodeMappings(process.read("maps")
                .lines()
                .filter(line -> line.contains(" /"))
                .filter(line -> !line.contains(" /anon_hugepage"))
                .toList());
    }
}
