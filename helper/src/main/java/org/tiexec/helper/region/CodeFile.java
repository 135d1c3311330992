package org.tiexec.helper.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.procfs.Mapping;

/**
 * One file of which a process executes code.
 *
 * @param isExecutable whether it is the main executable and not a library
 * @param mappings all mappings of it, code or not, ascending
 */
public record CodeFile(boolean isExecutable, List<Mapping> mappings) {
    /** Takes a copy; there is at least one mapping. */
    public CodeFile {
        mappings = List.copyOf(mappings);
    }

    /**
     * The files that are meant, the main executable first, the others in the order of their addresses.
     *
     * @param mappings all mappings of the process
     * @param anchor an address in a mapping of the executable ({@code AT_PHDR})
     */
    public static List<CodeFile> of(List<Mapping> mappings, Address anchor, Targets targets) {
        return of(mappings, anchor, targets, Selection.ALL);
    }

    /**
     * The same without the libraries that are not selected.
     *
     * @param mappings all mappings of the process
     * @param anchor an address in a mapping of the executable ({@code AT_PHDR})
     */
    public static List<CodeFile> of(List<Mapping> mappings, Address anchor, Targets targets, Selection selection) {
        List<List<Mapping>> files = files(mappings);
        List<CodeFile> found = new ArrayList<>();
        for (List<Mapping> file : files) {
            boolean executable = holds(file, anchor);
            boolean meant = executable
                    ? targets.includeExecutable()
                    : targets.includeLibraries() && selection.admits(file.get(0).name());
            if (meant) {
                found.add(executable ? 0 : found.size(), new CodeFile(executable, file));
            }
        }
        return found;
    }

    /** The mappings of each file that has executable ones. What is on reserved pages only looks like a file. */
    private static List<List<Mapping>> files(List<Mapping> mappings) {
        List<List<Mapping>> files = new ArrayList<>();
        for (Mapping mapping : mappings) {
            boolean code = mapping.inode() != 0 && mapping.protection().execute() && !mapping.isHugetlb();
            if (code && fileOf(mapping, files).isEmpty()) {
                files.add(sharers(mapping, mappings));
            }
        }
        return files;
    }

    private static Optional<List<Mapping>> fileOf(Mapping mapping, List<List<Mapping>> files) {
        for (List<Mapping> file : files) {
            if (file.get(0).mapsSameFileAs(mapping)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    private static List<Mapping> sharers(Mapping mapping, List<Mapping> mappings) {
        List<Mapping> sharers = new ArrayList<>();
        for (Mapping other : mappings) {
            if (other.mapsSameFileAs(mapping)) {
                sharers.add(other);
            }
        }
        return sharers;
    }

    private static boolean holds(List<Mapping> file, Address anchor) {
        for (Mapping mapping : file) {
            if (mapping.range().contains(anchor)) {
                return true;
            }
        }
        return false;
    }

    /** The mappings that hold nothing but code and belong to this process alone. */
    public List<Mapping> code() {
        List<Mapping> code = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.isFileCode()) {
                code.add(mapping);
            }
        }
        return code;
    }

    /** The executable mappings that must stay as they are: writable, shared, or unreadable ones. */
    public List<Mapping> otherCode() {
        List<Mapping> other = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.protection().execute() && !mapping.isFileCode()) {
                other.add(mapping);
            }
        }
        return other;
    }

    /** Whether the process may write to the file by another mapping, so that its code may change. */
    public boolean isWritten() {
        for (Mapping mapping : mappings) {
            if (mapping.shared() && mapping.protection().write()) {
                return true;
            }
        }
        return false;
    }

    /** Whether another mapping shows all that {@code code} does and is the better one: a copy which an attach left. */
    public boolean isCopied(Mapping code) {
        for (Mapping other : code()) {
            long more = other.range().length() - code.range().length();
            long into = code.fileOffset() - other.fileOffset();
            boolean covers = into >= 0 && into <= more;
            if (covers && (more > 0 || (isJoined(other) && !isJoined(code)))) {
                return true;
            }
        }
        return false;
    }

    /** Whether the mapping lies beside another one of the file, as all but copies do. */
    private boolean isJoined(Mapping code) {
        for (Mapping other : mappings) {
            if (other.range().end().equals(code.range().start())
                    || other.range().start().equals(code.range().end())) {
                return true;
            }
        }
        return false;
    }
}
