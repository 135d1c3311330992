package org.tiexec.helper.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.Mapping;

/**
 * The mappings of the file that a process runs as its program.
 *
 * <p>The file is the one that is mapped where the kernel put the program headers. That holds for static, dynamic and
 * position-independent programs, for deleted files, and where overlay file systems make paths lie; a path is never
 * looked at.
 */
public final class MainExecutable {
    private final List<Mapping> code;
    private final List<Mapping> otherCode;

    private MainExecutable(List<Mapping> code, List<Mapping> otherCode) {
        this.code = code;
        this.otherCode = otherCode;
    }

    /**
     * Finds the executable.
     *
     * @param mappings all mappings of the process
     * @param anchor an address in a mapping of the executable ({@code AT_PHDR})
     * @return empty if no file is mapped there
     */
    public static Optional<MainExecutable> find(List<Mapping> mappings, Address anchor) {
        for (Mapping mapping : mappings) {
            if (mapping.range().contains(anchor) && mapping.inode() != 0) {
                return Optional.of(of(mapping, mappings));
            }
        }
        return Optional.empty();
    }

    private static MainExecutable of(Mapping part, List<Mapping> mappings) {
        List<Mapping> code = new ArrayList<>();
        List<Mapping> otherCode = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.mapsSameFileAs(part) && mapping.protection().execute()) {
                (mapping.isReplaceableCode() ? code : otherCode).add(mapping);
            }
        }
        return new MainExecutable(code, otherCode);
    }

    /** The mappings that hold nothing but code and belong to this process alone. */
    public List<Mapping> code() {
        return code;
    }

    /** The executable mappings that must stay as they are: writable, shared, or unreadable ones. */
    public List<Mapping> otherCode() {
        return otherCode;
    }
}
