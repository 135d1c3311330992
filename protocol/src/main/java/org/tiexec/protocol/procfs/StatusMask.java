package org.tiexec.protocol.procfs;

/** A set of bits in {@code /proc/PID/status} ({@code proc_pid_status(5)}), in hexadecimal after a name. */
final class StatusMask {
    private static final int HEXADECIMAL = 16;

    private StatusMask() {}

    /**
     * Looks a set up.
     *
     * @param status the whole file
     * @param field its name with what follows up to the number
     * @throws ProcFormatException if the file does not tell
     */
    static long read(String status, String field) throws ProcFormatException {
        int at = status.indexOf(field);
        int end = status.indexOf('\n', at);
        if (at < 0 || end < 0) {
            throw new ProcFormatException("status", 1, "no field " + field.trim());
        }
        try {
            return Long.parseUnsignedLong(status, at + field.length(), end, HEXADECIMAL);
        } catch (NumberFormatException e) {
            throw new ProcFormatException("status", 1, field.trim() + " is no hexadecimal number");
        }
    }
}
