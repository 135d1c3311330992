package org.tiexec.helper.proc;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a process is, from {@code proc_pid_status(5)}. */
final class Standing {
    private final String status;

    Standing(byte[] status) {
        this.status = new String(status, StandardCharsets.UTF_8);
    }

    /**
     * Why the thread with this id is no process whose code could be moved.
     *
     * @return in words that follow {@code process PID}, or empty
     */
    Optional<String> obstacle(int id) {
        String state = field("State");
        if (state.startsWith("Z") || state.startsWith("X")) {
            return Optional.of("has ended and waits for its parent to notice (a zombie): it has no memory any more");
        }
        if (field("Kthread").equals("1")) {
            return Optional.of("is a thread of the kernel: it has no memory of its own");
        }
        String group = field("Tgid");
        if (!group.isEmpty() && !group.equals(Integer.toString(id))) {
            return Optional.of("is a thread of process " + group + ": give that one");
        }
        return Optional.empty();
    }

    private String field(String name) {
        int at = status.indexOf("\n" + name + ":");
        if (at < 0) {
            return "";
        }
        int end = status.indexOf('\n', at + 1);
        return status.substring(at + name.length() + 2, end < 0 ? status.length() : end)
                .trim();
    }
}
