package org.tiexec.protocol.procfs;

/** A file under {@code /proc} does not have the form that {@code proc(5)} describes. */
public final class ProcFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * States what was found.
     *
     * @param file the file's name, such as {@code maps}
     * @param line the number of the offending line, from 1
     * @param reason what is wrong with it
     */
    public ProcFormatException(String file, int line, String reason) {
        super(file + ", line " + line + ": " + reason);
    }
}
