package org.tiexec.helper.proc;

import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;

/** Notices when the text of smaps, which is in ascending order, has gone past a range of addresses. */
final class PastRange implements PseudoFile.Stop {
    private final AddressRange range;
    private int lineStart;

    PastRange(AddressRange range) {
        this.range = range;
    }

    @Override
    public boolean isReached(byte[] content, int length) {
        for (int i = lineStart; i < length; i++) {
            if (content[i] == '\n') {
                if (isHeader(content[lineStart]) && !startAt(content, lineStart).isBelow(range.end())) {
                    return true;
                }
                lineStart = i + 1;
            }
        }
        return false;
    }

    /** Entries begin with an address, their other lines with a capital letter. */
    private static boolean isHeader(byte first) {
        return Character.digit(first, 16) >= 0 && !Character.isUpperCase(first);
    }

    private static Address startAt(byte[] content, int from) {
        long bits = 0;
        for (int i = from; Character.digit(content[i], 16) >= 0; i++) {
            bits = bits << 4 | Character.digit(content[i], 16);
        }
        return new Address(bits);
    }
}
