package org.tiexec.protocol.wire;

/** The peer sent something that is not a message of this protocol. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 120;

    /** States what is wrong where a line could not be read at all. */
    public ProtocolException(String reason) {
        super(reason);
    }

    /**
     * States what is wrong with one field of a line.
     *
     * @param line the offending line; only its beginning is shown
     * @param field the field's name
     * @param reason what is wrong with it
     */
    public ProtocolException(String line, String field, String reason) {
        super("field \"" + field + "\": " + reason + ", in: " + beginning(line));
    }

    /** What of a line fits into a message of one line, without control characters: it ends up on a terminal. */
    static String beginning(String line) {
        String shown = line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
