package org.tiexec.helper.proc;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.elf.MalformedElfException;
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
