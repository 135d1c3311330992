package org.tiexec.tracer.obstacle;

import java.nio.charset.StandardCharsets;

/** The limits of a process by which it may run out of memory that the machine has ({@code getrlimit(2)}). */
public final class MemoryLimits {
    private static final long KB = 1024;

    private MemoryLimits() {}

    /**
     * Those that are set.
     *
     * @param limits the file {@code /proc/PID/limits}
     * @return in words that follow a failure, or nothing
     */
    public static String inWords(byte[] limits) {
        String text = new String(limits, StandardCharsets.UTF_8);
        return inWords(text, "Max address space", "its address space", "v")
                + inWords(text, "Max data size", "its data", "d");
    }

    private static String inWords(String text, String field, String what, String option) {
        int at = text.indexOf(field);
        if (at < 0) {
            return "";
        }
        int start = at + field.length();
        while (start < text.length() && text.charAt(start) == ' ') {
            start++;
        }
        int end = start;
        while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
        }
        if (start == end) {
            return "";
        }
        long kilobytes = Long.parseUnsignedLong(text, start, end, 10) / KB;
        return "; " + what + " is limited to " + kilobytes + " kB (raise it: ulimit -" + option + ")";
    }
}
