package org.tiexec.protocol.procfs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * Reads the text of {@code /proc/PID/maps} ({@code proc_pid_maps(5)}).
 *
 * <p>Names are taken as they are: they may hold spaces, {@code (deleted)}, bytes that are no text. The kernel writes a
 * newline in a name as {@code \012}, so that a line is always one mapping.
 */
public final class MapsParser {
    /** More lines than this are refused; the kernel's own default limit is 65,530 ({@code vm.max_map_count}). */
    static final int MAX_LINES = 1 << 20;

    private static final int FIELDS_BEFORE_NAME = 5;

    private MapsParser() {}

    /**
     * Parses a whole file.
     *
     * @throws ProcFormatException at the first line of any other form
     */
    public static List<Mapping> parse(byte[] text) throws ProcFormatException {
        List<Mapping> mappings = new ArrayList<>();
        int start = 0;
        while (start < text.length) {
            int end = endOfLine(text, start);
            if (mappings.size() == MAX_LINES) {
                throw new ProcFormatException("maps", MAX_LINES + 1, "too many lines");
            }
            mappings.add(parseLine(text, start, end, "maps", mappings.size() + 1));
            start = end + 1;
        }
        return mappings;
    }

    static int endOfLine(byte[] text, int start) {
        int end = start;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        return end;
    }

    /** Parses a line of {@code file}, which is maps or smaps. */
    static Mapping parseLine(byte[] text, int start, int end, String file, int lineNumber) throws ProcFormatException {
        String line = new String(text, start, end - start, StandardCharsets.UTF_8);
        try {
            int[] ends = new int[FIELDS_BEFORE_NAME];
            int at = 0;
            for (int field = 0; field < FIELDS_BEFORE_NAME; field++) {
                int space = line.indexOf(' ', at);
                ends[field] = space < 0 && field == FIELDS_BEFORE_NAME - 1 ? line.length() : space;
                at = ends[field] + 1;
                if (ends[field] < 0) {
                    throw new IllegalArgumentException("fewer than five fields");
                }
            }
            int dash = line.indexOf('-');
            if (dash < 0 || dash > ends[0]) {
                throw new IllegalArgumentException("no address range");
            }
            AddressRange range = new AddressRange(
                    new Address(number(line, 0, dash, 16)), new Address(number(line, dash + 1, ends[0], 16)));
            String permissions = line.substring(ends[0] + 1, ends[1]);
            if (permissions.length() != 4 || (permissions.charAt(3) != 'p' && permissions.charAt(3) != 's')) {
                throw new IllegalArgumentException("not a permission field: " + permissions);
            }
            return new Mapping(
                    range,
                    Protection.parse(permissions),
                    permissions.charAt(3) == 's',
                    number(line, ends[1] + 1, ends[2], 16),
                    line.substring(ends[2] + 1, ends[3]),
                    number(line, ends[3] + 1, ends[4], 10),
                    nameAfter(line, ends[4]));
        } catch (IllegalArgumentException e) {
            throw new ProcFormatException(file, lineNumber, String.valueOf(e.getMessage()));
        }
    }

    private static long number(String line, int from, int to, int radix) {
        try {
            return Long.parseUnsignedLong(line, from, to, radix);
        } catch (NumberFormatException e) {
            String kind = radix == 16 ? "hexadecimal" : "decimal";
            throw new IllegalArgumentException("not a " + kind + " number: " + line.substring(from, to), e);
        }
    }

    private static String nameAfter(String line, int from) {
        int start = from;
        while (start < line.length() && line.charAt(start) == ' ') {
            start++;
        }
        return line.substring(start);
    }
}
