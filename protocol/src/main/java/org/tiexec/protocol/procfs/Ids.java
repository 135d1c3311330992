package org.tiexec.protocol.procfs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The user and group ids in {@code /proc/PID/status} ({@code proc_pid_status(5)}). */
public final class Ids {
    private static final String USERS = "\nUid:\t";
    private static final String GROUPS = "\nGid:\t";
    private static final String SUPPLEMENTARY = "\nGroups:\t";

    private final String status;

    /**
     * Wraps the file's bytes.
     *
     * @param status the whole file
     */
    public Ids(byte[] status) {
        this.status = new String(status, StandardCharsets.UTF_8);
    }

    /**
     * Real, effective, saved and file-system user id.
     *
     * @throws ProcFormatException if the file does not tell
     */
    public List<Long> users() throws ProcFormatException {
        return list(USERS);
    }

    /**
     * Real, effective, saved and file-system group id.
     *
     * @throws ProcFormatException if the file does not tell
     */
    public List<Long> groups() throws ProcFormatException {
        return list(GROUPS);
    }

    /**
     * The supplementary groups in ascending order.
     *
     * @throws ProcFormatException if the file does not tell
     */
    public List<Long> supplementary() throws ProcFormatException {
        return list(SUPPLEMENTARY);
    }

    private List<Long> list(String field) throws ProcFormatException {
        int at = status.indexOf(field);
        int end = status.indexOf('\n', at + 1);
        if (at < 0 || end < 0) {
            throw new ProcFormatException("status", 1, "no field " + field.trim());
        }
        List<Long> ids = new ArrayList<>();
        int start = at + field.length();
        for (int i = start; i <= end; i++) {
            if (i == end || status.charAt(i) == '\t' || status.charAt(i) == ' ') {
                if (i > start) {
                    ids.add(id(field, start, i));
                }
                start = i + 1;
            }
        }
        return ids;
    }

    private long id(String field, int start, int end) throws ProcFormatException {
        try {
            return Long.parseUnsignedLong(status, start, end, 10);
        } catch (NumberFormatException e) {
            throw new ProcFormatException("status", 1, field.trim() + " is no list of numbers");
        }
    }
}
