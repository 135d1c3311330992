package org.tiexec.protocol.procfs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;

/** Reads those entries of {@code /proc/PID/smaps} ({@code proc_pid_smaps(5)}) that touch a given range. */
public final class SmapsParser {
    private static final long BYTES_PER_KB = 1024;

    private SmapsParser() {}

    /**
     * Parses the entries that overlap {@code interest}; others are skipped unread.
     *
     * @throws ProcFormatException if an entry has any other form
     */
    public static List<MappedPages> parse(byte[] text, AddressRange interest) throws ProcFormatException {
        List<MappedPages> entries = new ArrayList<>();
        int lineNumber = 1;
        int start = 0;
        while (start < text.length) {
            int end = MapsParser.endOfLine(text, start);
            if (isHeader(text, start) && overlaps(text, start, end, lineNumber, interest)) {
                Entry entry = new Entry(MapsParser.parseLine(text, start, end, "smaps", lineNumber));
                int field = end + 1;
                while (field < text.length && !isHeader(text, field)) {
                    end = MapsParser.endOfLine(text, field);
                    lineNumber++;
                    entry.field(new String(text, field, end - field, StandardCharsets.UTF_8), lineNumber);
                    field = end + 1;
                }
                entries.add(entry.finish());
            }
            start = end + 1;
            lineNumber++;
        }
        return entries;
    }

    /** Field names begin with a capital letter, addresses with a lower-case hexadecimal digit. */
    private static boolean isHeader(byte[] text, int start) {
        byte first = text[start];
        return (first >= '0' && first <= '9') || (first >= 'a' && first <= 'f');
    }

    private static boolean overlaps(byte[] text, int start, int end, int lineNumber, AddressRange interest)
            throws ProcFormatException {
        long[] bounds = new long[2];
        int bound = 0;
        for (int i = start; i < end && text[i] != ' '; i++) {
            if (text[i] == '-') {
                bound++;
                if (bound > 1) {
                    throw new ProcFormatException("smaps", lineNumber, "no address range");
                }
            } else {
                bounds[bound] = bounds[bound] << 4 | Character.digit(text[i], 16);
            }
        }
        return new Address(bounds[0]).isBelow(interest.end())
                && interest.start().isBelow(new Address(bounds[1]));
    }

    private static final class Entry {
        private final Mapping mapping;
        private long kernelPageBytes;
        private long anonHugeBytes;
        private long filePmdBytes;
        private List<String> vmFlags = List.of();

        Entry(Mapping mapping) {
            this.mapping = mapping;
        }

        void field(String line, int lineNumber) throws ProcFormatException {
            if (line.startsWith("KernelPageSize:")) {
                kernelPageBytes = bytes(line, lineNumber);
            } else if (line.startsWith("AnonHugePages:")) {
                anonHugeBytes = bytes(line, lineNumber);
            } else if (line.startsWith("FilePmdMapped:")) {
                filePmdBytes = bytes(line, lineNumber);
            } else if (line.startsWith("VmFlags:")) {
                vmFlags = flags(line);
            }
        }

        MappedPages finish() {
            return new MappedPages(mapping, kernelPageBytes, anonHugeBytes, filePmdBytes, vmFlags);
        }

        private static long bytes(String line, int lineNumber) throws ProcFormatException {
            int end = line.length();
            if (!line.endsWith(" kB")) {
                throw new ProcFormatException("smaps", lineNumber, "not a size in kB: " + line);
            }
            end -= " kB".length();
            int start = line.lastIndexOf(' ', end - 1) + 1;
            try {
                return Long.parseUnsignedLong(line, start, end, 10) * BYTES_PER_KB;
            } catch (NumberFormatException e) {
                throw new ProcFormatException("smaps", lineNumber, "not a size in kB: " + line);
            }
        }

        private static List<String> flags(String line) {
            List<String> flags = new ArrayList<>();
            int at = "VmFlags:".length();
            while (at < line.length()) {
                int end = line.indexOf(' ', at);
                end = end < 0 ? line.length() : end;
                if (end > at) {
                    flags.add(line.substring(at, end));
                }
                at = end + 1;
            }
            return flags;
        }
    }
}
