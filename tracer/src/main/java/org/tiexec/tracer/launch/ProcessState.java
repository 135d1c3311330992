package org.tiexec.tracer.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code /proc/PID/stat} tells of a process ({@code proc_pid_stat(5)}); anybody may read it.
 *
 * @param letter of its state, such as {@code R} or {@code Z}
 * @param session the session that it belongs to
 */
record ProcessState(char letter, int session) {
    /** Behind the name: state, parent, process group, session. */
    private static final int SESSION_FIELD = 3;

    /**
     * Reads it.
     *
     * @return empty if there is no such process
     */
    static Optional<ProcessState> of(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The name, in parentheses, may hold anything.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", SESSION_FIELD + 2);
            return Optional.of(new ProcessState(fields[0].charAt(0), Integer.parseInt(fields[SESSION_FIELD])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether a process has ended, though its parent may not have taken note of that. */
    static boolean hasEnded(int pid) {
        Optional<ProcessState> state = of(pid);
        return state.isEmpty() || state.get().letter == 'Z' || state.get().letter == 'X';
    }
}
