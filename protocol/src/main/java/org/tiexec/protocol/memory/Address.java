package org.tiexec.protocol.memory;

import org.jspecify.annotations.Nullable;

/**
 * A virtual address in the target, ordered as unsigned 64-bit.
 *
 * @param bits the address; every bit pattern is a valid address
 */
public record Address(long bits) implements Comparable<Address> {
    /** Address zero, which {@code mmap(2)} reads as "no hint". */
    public static final Address ZERO = new Address(0);

    private static final int HEX_DIGITS_OF_A_LONG = 16;

    /**
     * Reads {@code 0x} followed by 1 to 16 hexadecimal digits.
     *
     * @throws NumberFormatException if the text has any other form
     */
    public static Address parse(String text) {
        return new Address(parseHex(text));
    }

    /**
     * Reads {@code 0x} followed by 1 to 16 hexadecimal digits as an unsigned number.
     *
     * @throws NumberFormatException if the text has any other form
     */
    public static long parseHex(String text) {
        boolean good = text.startsWith("0x") && text.length() > 2 && text.length() <= 2 + HEX_DIGITS_OF_A_LONG;
        long bits = 0;
        for (int i = 2; good && i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = Character.digit(c, 16);
            good = c < 0x80 && digit >= 0;
            bits = bits << 4 | digit;
        }
        if (!good) {
            throw new NumberFormatException("not a hexadecimal number of the form 0x…: " + text);
        }
        return bits;
    }

    /** Writes a number in the form that {@link #parseHex} reads. */
    public static String hex(long bits) {
        return "0x" + Long.toHexString(bits);
    }

    /** The address {@code bytes} further up; wraps around at 2⁶⁴. */
    public Address plus(long bytes) {
        return new Address(bits + bytes);
    }

    /** The distance from {@code lower} up to this address in bytes, as an unsigned number. */
    public long distanceFrom(Address lower) {
        return bits - lower.bits;
    }

    /** The nearest multiple of {@code alignment} (a power of two) at or below this address. */
    public Address alignDown(long alignment) {
        return new Address(bits & -alignment);
    }

    /** The nearest multiple of {@code alignment} (a power of two) at or above this address; wraps to zero at the top. */
    public Address alignUp(long alignment) {
        return new Address((bits + alignment - 1) & -alignment);
    }

    /** Whether this address is a multiple of {@code alignment}, a power of two. */
    public boolean isAligned(long alignment) {
        return (bits & (alignment - 1)) == 0;
    }

    /** Whether this address lies strictly below {@code other}, unsigned. */
    public boolean isBelow(Address other) {
        return Long.compareUnsigned(bits, other.bits) < 0;
    }

    @Override
    public int compareTo(Address other) {
        return Long.compareUnsigned(bits, other.bits);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Address other && bits == other.bits;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(bits);
    }

    @Override
    public String toString() {
        return hex(bits);
    }
}
