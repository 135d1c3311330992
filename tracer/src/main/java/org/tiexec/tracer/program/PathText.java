package org.tiexec.tracer.program;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;

/** Paths as the kernel has them, which are any bytes. */
public final class PathText {
    private PathText() {}

    /**
     * One as text. Java would silently name another file in place of bytes that are none.
     *
     * @throws InvalidPathException if they are none
     */
    public static String of(byte[] path) {
        String text = new String(path, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), path)) {
            throw new InvalidPathException(text, "no text");
        }
        return text;
    }
}
