package org.tiexec.protocol.memory;

import org.jspecify.annotations.Nullable;

/**
 * What a mapping lets the program do with its bytes.
 *
 * @param read whether loads are allowed
 * @param write whether stores are allowed
 * @param execute whether instruction fetches are allowed
 */
public record Protection(boolean read, boolean write, boolean execute) {
    /** {@code ---}. */
    public static final Protection NONE = new Protection(false, false, false);

    /** {@code r--}. */
    public static final Protection READ = new Protection(true, false, false);

    /** {@code rw-}. */
    public static final Protection READ_WRITE = new Protection(true, true, false);

    /** {@code r-x}. */
    public static final Protection READ_EXECUTE = new Protection(true, false, true);

    /** Reads the first three letters of a permission field such as {@code r-xp}. */
    public static Protection parse(String letters) {
        boolean wellFormed = letters.length() >= 3
                && isEither(letters.charAt(0), 'r')
                && isEither(letters.charAt(1), 'w')
                && isEither(letters.charAt(2), 'x');
        if (!wellFormed) {
            throw new IllegalArgumentException("not a protection of the form rwx: " + letters);
        }
        return new Protection(letters.charAt(0) == 'r', letters.charAt(1) == 'w', letters.charAt(2) == 'x');
    }

    private static boolean isEither(char letter, char set) {
        return letter == set || letter == '-';
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Protection other
                && read == other.read
                && write == other.write
                && execute == other.execute;
    }

    @Override
    public int hashCode() {
        return (read ? 4 : 0) + (write ? 2 : 0) + (execute ? 1 : 0);
    }

    @Override
    public String toString() {
        return (read ? "r" : "-") + (write ? "w" : "-") + (execute ? "x" : "-");
    }
}
