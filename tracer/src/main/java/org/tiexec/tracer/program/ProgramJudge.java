package org.tiexec.tracer.program;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
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
    private static final int MAX_SCRIPT_DEPTH = 5;

    /** The kernel looks at so many bytes of a file ({@code BINPRM_BUF_SIZE}, {@code linux/binfmts.h}). */
    private static final int LOOKED_AT = 256;

    private static final int SET_ID_BITS = 06000;

    private final StrategyName strategy;
    private final boolean withExecutable;
    private final boolean withLibraries;

    /**
     * Judges by what is wanted.
     *
     * @param strategy how regions are going to be chosen
     * @param withExecutable whether the program's own code is
     * @param withLibraries whether that of libraries is, of which its file tells nothing
     */
    public ProgramJudge(StrategyName strategy, boolean withExecutable, boolean withLibraries) {
        this.strategy = strategy;
        this.withExecutable = withExecutable;
        this.withLibraries = withLibraries;
    }

    /** Judges the first candidate that could be executed. */
    public Judgement judge(List<byte[]> candidates) {
        for (byte[] candidate : candidates) {
            try {
                Path path = path(candidate);
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

    /** Java would silently name another file in place of bytes that are no text. */
    private static Path path(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
            throw new InvalidPathException(text, "no text");
        }
        return Path.of(text);
    }

    private Judgement judge(Path path, int depth) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode");
            boolean script;
            byte[] beginning = new byte[LOOKED_AT];
            int length;
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                length = Math.max(0, file.read(ByteBuffer.wrap(beginning), 0));
                script = length > 2 && beginning[0] == '#' && beginning[1] == '!';
                if (!script) {
                    return judgeImage(path, mode, file);
                }
            }
            return judgeScript(path, beginning, length, depth);
        } catch (IOException e) {
            return new Judgement.Unsuitable(path + " cannot be read, so that it must not be traced");
        }
    }

    private Judgement judgeScript(Path path, byte[] beginning, int length, int depth) {
        if (depth == MAX_SCRIPT_DEPTH) {
            return new Judgement.Unsuitable(path + ": too many levels of #! lines");
        }
        int start = 2;
        while (start < length && (beginning[start] == ' ' || beginning[start] == '\t')) {
            start++;
        }
        int end = start;
        while (end < length
                && beginning[end] != ' '
                && beginning[end] != '\t'
                && beginning[end] != '\n'
                && beginning[end] != 0) {
            end++;
        }
        Path interpreter = path(Arrays.copyOfRange(beginning, start, end));
        return mayBeExecuted(interpreter)
                ? judge(interpreter, depth + 1)
                : new Judgement.Unsuitable(path + ": its interpreter '" + interpreter + "' cannot be executed");
    }

    private Judgement judgeImage(Path path, int mode, FileChannel file) throws IOException {
        if ((mode & SET_ID_BITS) != 0) {
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
            boolean promising = (withExecutable && mayHoldHugePages(headers)) || (withLibraries && headers.dynamic());
            if (promising) {
                return new Judgement.Promising(path);
            }
            if (!withExecutable) {
                return new Judgement.NothingToDo(path + " is static: it has no libraries");
            }
            return new Judgement.NothingToDo(
                    headers.holdsWritableCode()
                            ? path + " has code in writable memory, which must stay as it is"
                            : path + " has less than 2 MB of aligned code"
                                    + (strategy == StrategyName.AGGRESSIVE ? ", also when rounded outward" : ""));
        } catch (MalformedElfException e) {
            return new Judgement.Unsuitable(path + ": " + e.getMessage());
        }
    }

    private boolean mayHoldHugePages(ElfHeaders headers) {
        return headers.mayHoldHugePages() || (strategy == StrategyName.AGGRESSIVE && headers.mayHoldWidenedHugePages());
    }
}
