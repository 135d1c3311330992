package org.tiexec.helper.proc;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SmapsParser;

/**
 * Some entries of {@code /proc/PID/smaps}, read without holding the others: a process with as many mappings as kernels
 * allow by default has some 50 MB of it.
 */
final class SmapsSelection {
    /** Entries have 25 lines of 30 bytes, and a name. */
    private static final int MAX_ENTRY = 64 << 10;

    private static final AddressRange EVERYTHING = new AddressRange(Address.ZERO, new Address(-1));

    private final List<AddressRange> wanted;
    private final ByteArrayOutputStream entry = new ByteArrayOutputStream(2048);
    private final List<MappedPages> found = new ArrayList<>();
    private boolean inside;

    private SmapsSelection(List<AddressRange> wanted) {
        this.wanted = wanted;
    }

    /**
     * Reads the entries of the mappings that begin where one of {@code wanted} does.
     *
     * @throws IOException if the file cannot be read
     * @throws ProcFormatException if one of them has another form
     */
    static List<MappedPages> read(File smaps, List<AddressRange> wanted) throws IOException, ProcFormatException {
        SmapsSelection selection = new SmapsSelection(wanted);
        try (InputStream in = new BufferedInputStream(new FileInputStream(smaps), 1 << 16)) {
            ByteArrayOutputStream line = new ByteArrayOutputStream(128);
            int next = in.read();
            while (next >= 0) {
                line.write(next);
                if (line.size() > MAX_ENTRY) {
                    throw new IOException(smaps + " has a line of more than " + MAX_ENTRY + " bytes");
                }
                if (next == '\n') {
                    selection.take(line.toByteArray());
                    line.reset();
                }
                next = in.read();
            }
            selection.finish();
        }
        return selection.found;
    }

    private void take(byte[] line) throws ProcFormatException {
        if (Character.digit(line[0], 16) >= 0 && !Character.isUpperCase(line[0])) {
            finish();
            inside = isWanted(line);
        }
        if (inside && entry.size() + line.length <= MAX_ENTRY) {
            entry.writeBytes(line);
        }
    }

    private boolean isWanted(byte[] header) {
        long start = 0;
        for (int i = 0; i < header.length && Character.digit(header[i], 16) >= 0; i++) {
            start = start << 4 | Character.digit(header[i], 16);
        }
        for (AddressRange range : wanted) {
            if (range.start().bits() == start) {
                return true;
            }
        }
        return false;
    }

    private void finish() throws ProcFormatException {
        if (entry.size() > 0) {
            found.addAll(SmapsParser.parse(entry.toByteArray(), EVERYTHING));
            entry.reset();
        }
    }
}
