package org.tiexec.tracer.program;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * The first line of a script.
 *
 * @param interpreter the program that runs it; empty if the file is no script
 */
record ScriptLine(Optional<Path> interpreter) {
    /** The kernel looks at so many bytes of a file ({@code BINPRM_BUF_SIZE}, {@code linux/binfmts.h}). */
    private static final int LOOKED_AT = 256;

    /**
     * Reads it.
     *
     * @throws IOException if the file cannot be read
     * @throws InvalidPathException if the interpreter's name is no text
     */
    static ScriptLine read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel);
        }
    }

    /** The same of an open file. */
    static ScriptLine read(FileChannel file) throws IOException {
        byte[] beginning = new byte[LOOKED_AT];
        int length = Math.max(0, file.read(ByteBuffer.wrap(beginning), 0));
        if (length <= 2 || beginning[0] != '#' || beginning[1] != '!') {
            return new ScriptLine(Optional.empty());
        }
        int start = 2;
        while (start < length && isBlank(beginning[start])) {
            start++;
        }
        int end = start;
        while (end < length && !isBlank(beginning[end]) && beginning[end] != '\n' && beginning[end] != 0) {
            end++;
        }
        return new ScriptLine(Optional.of(Path.of(PathText.of(Arrays.copyOfRange(beginning, start, end)))));
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }
}
