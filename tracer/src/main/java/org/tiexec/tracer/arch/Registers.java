package org.tiexec.tracer.arch;

/**
 * The general registers of a stopped thread, opaque but to its {@link Architecture}.
 *
 * <p>Immutable: changing a register makes a new set.
 */
public final class Registers {
    private final long[] words;

    /** Takes a copy of the words in the kernel's order. */
    public Registers(long[] words) {
        this.words = words.clone();
    }

    /** A copy of the words in the kernel's order. */
    public long[] words() {
        return words.clone();
    }

    long word(int index) {
        return words[index];
    }

    int count() {
        return words.length;
    }

    Registers with(int index, long value) {
        Registers changed = new Registers(words);
        changed.words[index] = value;
        return changed;
    }
}
