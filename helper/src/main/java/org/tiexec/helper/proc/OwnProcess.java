package org.tiexec.helper.proc;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The process that this JVM is. */
public final class OwnProcess {
    private static final int LIMIT = 1 << 16;

    private OwnProcess() {}

    /**
     * Its process id, from {@code proc_pid_stat(5)}: ProcessHandle starts threads for the same answer.
     *
     * @param root the directory that holds {@code proc}; {@code /} but in tests
     * @throws IOException if there is no /proc
     */
    public static int id(File root) throws IOException {
        String stat = new String(PseudoFile.read(new File(root, "proc/self/stat"), LIMIT), StandardCharsets.UTF_8);
        int end = Math.max(0, stat.indexOf(' '));
        try {
            return Integer.parseInt(stat.substring(0, end));
        } catch (NumberFormatException e) {
            throw new IOException("/proc/self/stat does not begin with a process id", e);
        }
    }
}
