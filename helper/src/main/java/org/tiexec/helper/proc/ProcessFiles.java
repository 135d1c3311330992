package org.tiexec.helper.proc;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.elf.ElfFile;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.elf.OpenElfFile;
import org.tiexec.protocol.elf.TextRelocations;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.AuxiliaryVector;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SmapsParser;

/** The files in which the kernel tells about one process ({@code proc(5)}). */
public final class ProcessFiles {
    private final int pid;
    private final File directory;

    /**
     * Names the files; nothing is read yet.
     *
     * @param root the directory that holds {@code proc}; {@code /} but in tests
     * @param pid the process
     */
    public ProcessFiles(File root, int pid) {
        this.pid = pid;
        this.directory = new File(root, "proc/" + pid);
    }

    /**
     * Reads mappings, auxiliary vector, and the name of the executable.
     *
     * @throws UnreadableProcessException if the process is gone, foreign, or has no memory
     */
    public ProcessFacts read() throws UnreadableProcessException {
        try {
            List<Mapping> mappings = MapsParser.parse(PseudoFile.read(file("maps"), PseudoFile.LIMIT));
            if (mappings.isEmpty()) {
                throw new UnreadableProcessException(
                        "process " + pid + " has no memory of its own: it has ended, or is a thread of the kernel");
            }
            AuxiliaryVector auxiliary = new AuxiliaryVector(PseudoFile.read(file("auxv"), PseudoFile.LIMIT));
            Optional<Address> anchor = auxiliary.programHeaders();
            return new ProcessFacts(pid, executableName(), mappings, anchor, List.of(), List.of());
        } catch (IOException e) {
            throw unreadable(e);
        } catch (ProcFormatException e) {
            throw new UnreadableProcessException("process " + pid + ": " + e.getMessage());
        }
    }

    /**
     * Which mappings that touch {@code interest} are sealed.
     *
     * <p>The kernel walks the page tables of every mapping that it tells about, so that reading stops behind the
     * interest; programs mostly come before their heap. Still 2 ms for a process that has just begun.
     *
     * @throws UnreadableProcessException if the process is gone or foreign
     */
    public List<AddressRange> sealedWithin(AddressRange interest) throws UnreadableProcessException {
        try {
            byte[] text = PseudoFile.readUntil(file("smaps"), PseudoFile.LIMIT, new PastRange(interest));
            List<AddressRange> sealed = new ArrayList<>();
            for (MappedPages entry : SmapsParser.parse(text, interest)) {
                if (entry.isSealed()) {
                    sealed.add(entry.mapping().range());
                }
            }
            return sealed;
        } catch (IOException e) {
            throw unreadable(e);
        } catch (ProcFormatException e) {
            throw new UnreadableProcessException("process " + pid + ": " + e.getMessage());
        }
    }

    /**
     * Opens the executable itself, even if its name is gone or now belongs to another file.
     *
     * @throws IOException if the process is gone or the file may not be read
     */
    public RandomAccessFile openExecutable() throws IOException {
        return new RandomAccessFile(file("exe"), "r");
    }

    /**
     * Whether the code of the executable is going to be patched when it is loaded: it has text relocations.
     *
     * @throws UnreadableProcessException if the process is gone or its executable cannot be read
     */
    public boolean hasPatchedCode() throws UnreadableProcessException {
        try (RandomAccessFile executable = openExecutable()) {
            return TextRelocations.areIn(executable);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (MalformedElfException e) {
            throw new UnreadableProcessException("the executable of process " + pid + ": " + e.getMessage());
        }
    }

    /**
     * Makes sure that this is a process which runs 64-bit code of its own.
     *
     * @throws UnreadableProcessException with what it is otherwise
     */
    public void requireChangeable() throws UnreadableProcessException {
        try {
            Optional<String> obstacle = new Standing(PseudoFile.read(file("status"), PseudoFile.LIMIT)).obstacle(pid);
            if (obstacle.isPresent()) {
                throw new UnreadableProcessException("process " + pid + " " + obstacle.get());
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (isOf32Bits()) {
            throw new UnreadableProcessException(
                    "process " + pid + " runs a 32-bit program; only 64-bit ones are supported");
        }
    }

    /** So far as can be told: an executable may be executable without being readable. */
    private boolean isOf32Bits() {
        try (RandomAccessFile executable = openExecutable()) {
            return !ElfHeaders.read(new OpenElfFile(executable)).is64Bit();
        } catch (IOException | MalformedElfException e) {
            return false;
        }
    }

    /**
     * What smaps says of some mappings; those that are gone meanwhile are left out.
     *
     * @throws UnreadableProcessException if the process is gone or foreign
     */
    public List<MappedPages> pagesOf(List<Mapping> mappings) throws UnreadableProcessException {
        List<AddressRange> ranges = new ArrayList<>();
        for (Mapping mapping : mappings) {
            ranges.add(mapping.range());
        }
        try {
            return SmapsSelection.read(file("smaps"), ranges);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (ProcFormatException e) {
            throw new UnreadableProcessException("process " + pid + ": " + e.getMessage());
        }
    }

    /**
     * How many 4 KB pages in a range of a private file mapping are no longer the file's.
     *
     * @throws UnreadableProcessException if the process is gone or foreign
     */
    public long ownPagesIn(AddressRange range) throws UnreadableProcessException {
        try {
            return new OwnPages(file("pagemap")).countIn(range);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Looks into a file that the process has mapped: through {@code map_files}, which takes privilege, else where it is
     * mapped; never by its path.
     *
     * @param mappings those of the file
     * @throws IOException if neither can be read
     * @throws MalformedElfException if {@code look} says so
     */
    public <T> T lookInto(List<Mapping> mappings, Look<T> look) throws IOException, MalformedElfException {
        File link = file("map_files/" + name(mappings.get(0).range()));
        // follows the kernel's link to the file itself; whoever opened a device might wait for it
        if (link.isFile()) {
            try (RandomAccessFile opened = new RandomAccessFile(link, "r")) {
                return look.into(new OpenElfFile(opened));
            } catch (FileNotFoundException e) {
                return lookIntoMemory(mappings, look);
            }
        }
        return lookIntoMemory(mappings, look);
    }

    private <T> T lookIntoMemory(List<Mapping> mappings, Look<T> look) throws IOException, MalformedElfException {
        try (RandomAccessFile memory = new RandomAccessFile(file("mem"), "r")) {
            return look.into(new MappedImage(memory, mappings));
        }
    }

    /** As in {@code proc_pid_map_files(5)}. */
    private static String name(AddressRange range) {
        return Long.toHexString(range.start().bits())
                + "-"
                + Long.toHexString(range.end().bits());
    }

    /**
     * What somebody wants to know of a file.
     *
     * @param <T> the answer
     */
    public interface Look<T> {
        /** Reads what it needs. */
        T into(ElfFile file) throws IOException, MalformedElfException;
    }

    private String executableName() throws IOException {
        return Files.readSymbolicLink(file("exe").toPath()).toString();
    }

    private File file(String name) {
        return new File(directory, name);
    }

    /** The text of an IOException depends on the locale; whether the process exists does not. */
    private UnreadableProcessException unreadable(IOException cause) {
        if (!directory.exists()) {
            return new UnreadableProcessException("there is no process " + pid);
        }
        String remedy = cause instanceof FileNotFoundException
                ? " (it takes the rights of ptrace: the same user, or root)"
                : "";
        return new UnreadableProcessException("process " + pid + " cannot be read: " + cause.getMessage() + remedy);
    }
}
