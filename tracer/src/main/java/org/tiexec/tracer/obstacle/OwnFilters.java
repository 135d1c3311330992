package org.tiexec.tracer.obstacle;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The seccomp filters that a program has installed itself since it was launched: what they do to whoever makes our calls has
 * not been tried ({@link SeccompTrial}), and it may be death.
 */
public final class OwnFilters {
    private static final String MODE = "\nSeccomp:\t";

    /** Since Linux 5.9. */
    private static final String COUNT = "\nSeccomp_filters:\t";

    private OwnFilters() {}

    /**
     * Why none of our calls may be made by a program.
     *
     * @param status of the program, as {@code /proc/PID/status} tells it
     * @return in words; empty if there are no filters but those that this process has as well
     */
    public static Optional<String> objection(byte[] status) {
        String theirs = new String(status, StandardCharsets.UTF_8);
        String ours;
        try (FileInputStream in = new FileInputStream("/proc/self/status")) {
            ours = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            ours = "";
        }
        return field(theirs, MODE).equals(field(ours, MODE))
                        && field(theirs, COUNT).equals(field(ours, COUNT))
                ? Optional.empty()
                : Optional.of("it has installed a seccomp filter, which may kill it for what 2 MB pages take");
    }

    private static String field(String status, String name) {
        int at = status.indexOf(name);
        return at < 0 ? "" : status.substring(at + name.length(), status.indexOf('\n', at + 1));
    }
}
