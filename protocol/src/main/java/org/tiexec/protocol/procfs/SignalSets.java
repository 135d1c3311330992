package org.tiexec.protocol.procfs;

import java.nio.charset.StandardCharsets;

/** The signal sets in {@code /proc/PID/status} ({@code proc_pid_status(5)}); bit N−1 stands for signal N. */
public final class SignalSets {
    private static final String BLOCKED = "SigBlk:\t";
    private static final String IGNORED = "SigIgn:\t";

    private final String status;

    /**
     * Wraps the file's bytes.
     *
     * @param status the whole file
     */
    public SignalSets(byte[] status) {
        this.status = new String(status, StandardCharsets.UTF_8);
    }

    /**
     * The signals that are blocked.
     *
     * @throws ProcFormatException if the file does not tell
     */
    public long blocked() throws ProcFormatException {
        return StatusMask.read(status, BLOCKED);
    }

    /**
     * The signals that are ignored.
     *
     * @throws ProcFormatException if the file does not tell
     */
    public long ignored() throws ProcFormatException {
        return StatusMask.read(status, IGNORED);
    }
}
