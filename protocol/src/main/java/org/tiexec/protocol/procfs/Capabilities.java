package org.tiexec.protocol.procfs;

import java.nio.charset.StandardCharsets;

/** The privileges in {@code /proc/PID/status} that a process has now ({@code capabilities(7)}). */
public final class Capabilities {
    private static final String EFFECTIVE = "CapEff:\t";

    /** {@code CAP_SYS_PTRACE} ({@code linux/capability.h}). */
    private static final int SYS_PTRACE = 19;

    private final long effective;

    /**
     * Reads the file's bytes.
     *
     * @param status the whole file
     * @throws ProcFormatException if the file does not tell
     */
    public Capabilities(byte[] status) throws ProcFormatException {
        this.effective = StatusMask.read(new String(status, StandardCharsets.UTF_8), EFFECTIVE);
    }

    /** Whether it may trace processes that are not its own. */
    public boolean includeTracing() {
        return (effective >>> SYS_PTRACE & 1) != 0;
    }
}
