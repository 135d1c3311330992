package org.tiexec.tracer.program;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.plan.StrategyName;

/**
 * Judges a program by its file, through {@code #!} lines, before anything is started.
 *
 * <p>What would lose its privileges if it were traced at its exec (set-id bits), what must not be read, and what is no
 * 64-bit program of this architecture is left alone. File capabilities are for the caller to look up.
 */
public final class ProgramJudge {
    /** The kernel follows so many {@code #!} lines ({@code exec_binprm}, {@code fs/exec.c}). */
    static final int MAX_SCRIPT_DEPTH = 5;

    private static final int SET_ID_BITS = 06000;

    private final StrategyName strategy;
    private final boolean withExecutable;
    private final boolean withLibraries;
    private final Passage passage;

    /**
     * Judges by what is wanted.
     *
     * @param strategy how regions are going to be chosen
     * @param withExecutable whether the program's own code is
     * @param withLibraries whether that of libraries is, of which its file tells nothing
     * @param passage which executables are there to become others, which must not be missed for a chance to round the
     *     little code of these outward
     */
    public ProgramJudge(StrategyName strategy, boolean withExecutable, boolean withLibraries, Passage passage) {
        this.strategy = strategy;
        this.withExecutable = withExecutable;
        this.withLibraries = withLibraries;
        this.passage = passage;
    }

    /** What programs are passed through. */
    public interface Passage {
        /** Whether an executable is there to become another one. */
        boolean isOnTheWay(Path image);
    }

    /** Judges the first candidate that could be executed. */
    public Judgement judge(List<byte[]> candidates) {
        for (byte[] candidate : candidates) {
            try {
                Path path = Path.of(PathText.of(candidate));
                if (mayBeExecuted(path)) {
                    return judge(path, 0);
                }
            } catch (InvalidPathException e) {
                return new Judgement.Unsuitable("its path is no text in this locale");
            }
        }
        return new Judgement.NotFound();
    }

    /** Only these are opened: a named pipe would wait for its other end, a device may do anything. */
    private static boolean mayBeExecuted(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    /**
     * Judges what a process executes now, whatever has become of the file's name.
     *
     * @return promising or not, with the name that the file had
     */
    public Judgement judgeRunning(int pid) {
        Path link = Path.of("/proc/" + pid + "/exe");
        try (FileChannel file = FileChannel.open(link, StandardOpenOption.READ)) {
            return judgeImage(Files.readSymbolicLink(link), (int) Files.getAttribute(link, "unix:mode"), file);
        } catch (IOException e) {
            return new Judgement.Unsuitable("what process " + pid + " executes cannot be read");
        }
    }

    private Judgement judge(Path path, int depth) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode");
            ScriptLine line;
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                line = ScriptLine.read(file);
                if (line.interpreter().isEmpty()) {
                    return judgeImage(path, mode, file);
                }
            }
            return judgeScript(path, line.interpreter().get(), depth);
        } catch (IOException e) {
            return new Judgement.Unsuitable(path + " cannot be read, so that it must not be traced");
        }
    }

    private Judgement judgeScript(Path path, Path interpreter, int depth) {
        if (depth == MAX_SCRIPT_DEPTH) {
            return new Judgement.Unsuitable(path + ": too many levels of #! lines");
        }
        return mayBeExecuted(interpreter)
                ? judge(interpreter, depth + 1)
                : new Judgement.Unsuitable(path + ": its interpreter '" + interpreter + "' cannot be executed");
    }

    /** Whether who executes a file with this mode becomes its owner, or one of its group. */
    static boolean isSetId(int mode) {
        return (mode & SET_ID_BITS) != 0;
    }

    private Judgement judgeImage(Path path, int mode, FileChannel file) throws IOException {
        if (isSetId(mode)) {
            return new Judgement.Unsuitable(
                    path + " is set-user-ID or set-group-ID; traced, it would lose its privileges");
        }
        try {
            ElfHeaders headers = ElfHeaders.read(file);
            if (!headers.is64Bit()) {
                return new Judgement.Unsuitable(path + " is a 32-bit program; only 64-bit ones are supported");
            }
            if (headers.machine() != ElfHeaders.EM_X86_64) {
                return new Judgement.Unsuitable(
                        path + " is for another processor (ELF machine " + headers.machine() + ")");
            }
            Optional<String> objection = objectionToOwnCode(path, headers);
            if (objection.isEmpty() || (withLibraries && headers.dynamic())) {
                return new Judgement.Promising(path, objection);
            }
            return new Judgement.NothingToDo(
                    path, withExecutable ? objection.get() : path + " is static: it has no libraries");
        } catch (MalformedElfException e) {
            return new Judgement.Unsuitable(path + ": " + e.getMessage());
        }
    }

    private Optional<String> objectionToOwnCode(Path path, ElfHeaders headers) {
        if (!withExecutable) {
            return Optional.of("of " + path + " only the libraries are meant");
        }
        boolean outward = strategy == StrategyName.AGGRESSIVE && !passage.isOnTheWay(path);
        if (headers.mayHoldHugePages() || (outward && headers.mayHoldWidenedHugePages())) {
            return Optional.empty();
        }
        return Optional.of(
                headers.holdsWritableCode()
                        ? path + " has code in writable memory, which must stay as it is"
                        : path + " has less than 2 MB of aligned code"
                                + (outward ? ", also when rounded outward" : ""));
    }
}
