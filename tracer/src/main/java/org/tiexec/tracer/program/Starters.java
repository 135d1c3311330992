package org.tiexec.tracer.program;

import java.nio.file.Path;
import java.util.Set;

/**
 * Small programs that are there to become others: shells, and commands that change something and execute the rest of their
 * command line.
 *
 * <p>The launcher has the same list, in {@code look.sh}: it does not come here if nothing follows from what they are told.
 */
public final class Starters {
    private static final Set<String> NAMES = Set.of(
            "sh", "dash", "bash", "ash", "ksh", "mksh", "zsh", "busybox", "env", "nice", "ionice", "chrt", "taskset",
            "numactl", "nohup", "setsid", "stdbuf", "setpriv", "prlimit", "choom", "setarch", "chroot", "unshare",
            "timeout", "flock");

    private Starters() {}

    /** Whether an executable is one of them, by the name of its file. */
    public static boolean include(Path image) {
        Path name = image.getFileName();
        return name != null && NAMES.contains(name.toString());
    }

    /** All of them. */
    static Set<String> names() {
        return NAMES;
    }
}
