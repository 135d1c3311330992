package org.tiexec.protocol.procfs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;

/** The auxiliary vector that the kernel hands to a program at exec, as {@code /proc/PID/auxv} shows it. */
public final class AuxiliaryVector {
    private static final long AT_NULL = 0;
    private static final long AT_PHDR = 3;
    private static final long AT_ENTRY = 9;
    private static final int PAIR_BYTES = 16;

    private final byte[] pairs;

    /**
     * Wraps the file's bytes.
     *
     * @param pairs (type, value) pairs of 64-bit little-endian words
     */
    public AuxiliaryVector(byte[] pairs) {
        this.pairs = pairs.clone();
    }

    /** Where the main executable's program headers are mapped ({@code AT_PHDR}, {@code getauxval(3)}). */
    public Optional<Address> programHeaders() {
        return value(AT_PHDR);
    }

    /** The main executable's entry point ({@code AT_ENTRY}). */
    public Optional<Address> entryPoint() {
        return value(AT_ENTRY);
    }

    private Optional<Address> value(long type) {
        ByteBuffer words = ByteBuffer.wrap(pairs).order(ByteOrder.LITTLE_ENDIAN);
        while (words.remaining() >= PAIR_BYTES) {
            long key = words.getLong();
            long value = words.getLong();
            if (key == AT_NULL) {
                break;
            }
            if (key == type) {
                return Optional.of(new Address(value));
            }
        }
        return Optional.empty();
    }
}
