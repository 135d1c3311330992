package org.tiexec.it.support;

import java.util.List;

/**
 * What the caller of a program observes of it.
 *
 * @param status its exit status, 128 + N if signal N ended it
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
public record Outcome(int status, String out, String err) {
    /** The lines on standard output. */
    public List<String> outLines() {
        return out.lines().toList();
    }

    /** The lines on standard error. */
    public List<String> errLines() {
        return err.lines().toList();
    }
}
