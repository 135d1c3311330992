package org.tiexec.tracer.obstacle;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The memory that the control groups of a process leave to it and its children.
 *
 * <p>Who takes more is killed, or has another one killed: so it is asked for before any is taken. Both versions are known
 * (kernel documentation, {@code admin-guide/cgroup-v1/memory.rst} and {@code admin-guide/cgroup-v2.rst}). Where the group
 * is not below the place where groups are mounted, as in a container, that place is the group.
 */
public final class MemoryRoom {
    private static final long MB = 1L << 20;

    /** Version 1 has no word for "unlimited" but the largest number of whole pages. */
    private static final long UNLIMITED = 1L << 60;

    private final File root;

    /**
     * Reads nothing yet.
     *
     * @param root the directory that holds {@code proc} and {@code sys}; {@code /} but in tests
     */
    public MemoryRoom(File root) {
        this.root = root;
    }

    /**
     * Why this process must not take so much memory.
     *
     * @param bytes how much
     * @param purpose what takes it, for people
     * @return in words; empty if there is room, no limit, or nothing known of one
     */
    public Optional<String> shortage(long bytes, String purpose) {
        return shortageOf("self", bytes, purpose);
    }

    /** The same of another process, to whose groups its memory counts whoever writes it. */
    public Optional<String> shortageOf(int pid, long bytes, String purpose) {
        return shortageOf(Integer.toString(pid), bytes, purpose);
    }

    private Optional<String> shortageOf(String process, long bytes, String purpose) {
        String groups = text(new File(root, "proc/" + process + "/cgroup"));
        int at = 0;
        while (at < groups.length()) {
            int end = groups.indexOf('\n', at);
            end = end < 0 ? groups.length() : end;
            Optional<String> shortage = shortageIn(groups.substring(at, end), bytes, purpose);
            if (shortage.isPresent()) {
                return shortage;
            }
            at = end + 1;
        }
        return Optional.empty();
    }

    /** One line: {@code hierarchy:controllers:path}. */
    private Optional<String> shortageIn(String line, long bytes, String purpose) {
        int controllers = line.indexOf(':') + 1;
        int path = line.indexOf(':', controllers) + 1;
        if (controllers == 0 || path == 0) {
            return Optional.empty();
        }
        String names = "," + line.substring(controllers, path - 1) + ",";
        if (names.contains(",memory,")) {
            File mount = new File(root, "sys/fs/cgroup/memory");
            return new Hierarchy(mount, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
                    .shortage(line.substring(path), bytes, purpose);
        }
        if (names.equals(",,")) {
            File mount = new File(root, "sys/fs/cgroup");
            return new Hierarchy(mount, "memory.max", "memory.current", "")
                    .shortage(line.substring(path), bytes, purpose);
        }
        return Optional.empty();
    }

    private static String text(File file) {
        try (FileInputStream in = new FileInputStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException absent) {
            return "";
        }
    }

    /** A number of bytes in a file; nothing if there is no file or no number, such as {@code max}. */
    private static long number(String text, long otherwise) {
        try {
            return Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /** The groups from one up to the root. */
    private static final class Hierarchy {
        private final File mount;
        private final String limitFile;
        private final String usageFile;
        private final String prefix;

        Hierarchy(File mount, String limitFile, String usageFile, String prefix) {
            this.mount = mount;
            this.limitFile = limitFile;
            this.usageFile = usageFile;
            this.prefix = prefix;
        }

        Optional<String> shortage(String path, long bytes, String purpose) {
            String at = new File(mount, path).isDirectory() ? path : "";
            while (true) {
                File group = new File(mount, at);
                long limit = number(text(new File(group, limitFile)), UNLIMITED);
                if (limit < UNLIMITED) {
                    long room = room(group, limit, bytes);
                    if (room < bytes) {
                        return Optional.of("the memory control group " + (at.isEmpty() ? "/" : at) + " has "
                                + Math.max(0, room / MB) + " MB left of " + limit / MB + ", " + purpose + " takes "
                                + bytes / MB + " (raise " + limitFile + ")");
                    }
                }
                int slash = at.lastIndexOf('/');
                if (slash < 0) {
                    return Optional.empty();
                }
                at = at.substring(0, slash);
            }
        }

        /** Pages of files can be taken from a group; half of those that are in use are left to it. */
        private long room(File group, long limit, long wanted) {
            long room = limit - number(text(new File(group, usageFile)), 0);
            if (room >= wanted) {
                return room;
            }
            String stat = "\n" + text(new File(group, "memory.stat"));
            return room + field(stat, "inactive_file") + field(stat, "active_file") / 2;
        }

        private long field(String stat, String name) {
            String key = "\n" + prefix + name + " ";
            int at = stat.indexOf(key);
            int end = stat.indexOf('\n', at + 1);
            return at < 0 || end < 0 ? 0 : number(stat.substring(at + key.length(), end), 0);
        }
    }
}
