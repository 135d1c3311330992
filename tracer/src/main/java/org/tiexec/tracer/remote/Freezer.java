package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the control group of a process is frozen, of version 1 ({@code freezer.state}) or 2 ({@code cgroup.events}). */
final class Freezer {
    private static final String VERSION_2 = "0::";
    private static final String CONTROLLER = ":freezer:";
    private static final int ROOT = 3;
    private static final int MOUNT_POINT = 4;

    private Freezer() {}

    /**
     * Asks where control groups are mounted; those that cannot be seen from here cannot be asked.
     *
     * @param pid the process
     */
    static boolean holds(int pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"), StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(VERSION_2)) {
                    if (says("cgroup2", "", line.substring(VERSION_2.length()), "cgroup.events", "frozen 1")) {
                        return true;
                    }
                } else if (line.contains(CONTROLLER)) {
                    String path = line.substring(line.indexOf(CONTROLLER) + CONTROLLER.length());
                    if (says("cgroup", "freezer", path, "freezer.state", "FROZEN")
                            || says("cgroup", "freezer", path, "freezer.state", "FREEZING")) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException e) {
            // It has ended, or nobody may look: then a thread that does not stop will tell.
            return false;
        }
    }

    private static boolean says(String type, String option, String path, String file, String text) throws IOException {
        Optional<Path> directory = directory(type, option, path);
        return directory.isPresent()
                && Files.isReadable(directory.get().resolve(file))
                && Files.readString(directory.get().resolve(file)).contains(text);
    }

    /** Where a control group is to be found in this process's file system ({@code proc_pid_mountinfo(5)}). */
    private static Optional<Path> directory(String type, String option, String path) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            int separator = line.indexOf(" - " + type + " ");
            if (separator < 0 || !line.substring(separator).contains(option)) {
                continue;
            }
            String[] fields = line.split(" ", -1);
            String root = fields[ROOT].equals("/") ? "" : fields[ROOT];
            if (path.startsWith(root)) {
                return Optional.of(Path.of(fields[MOUNT_POINT] + "/" + path.substring(root.length())));
            }
        }
        return Optional.empty();
    }
}
