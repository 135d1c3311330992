package org.tiexec.tracer.program;

import org.tiexec.protocol.plan.NamePattern;

/**
 * A shell's pattern for the path of an executable, in which {@code *} and {@code ?} stand for slashes, too.
 *
 * <p>A pattern without a slash may also fit the file's name alone.
 */
public record Glob(NamePattern pattern) {
    /** Whether it fits a path. */
    public boolean matches(String path) {
        return pattern.matches(path)
                || (pattern.text().indexOf('/') < 0 && pattern.matches(path.substring(path.lastIndexOf('/') + 1)));
    }
}
