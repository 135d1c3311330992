package org.tiexec.helper.snapshot;

/**
 * A piece of a region that is copied in one go.
 *
 * @param number its number within the region, from 0
 * @param offset where it begins, in bytes from the region's start
 * @param length its size in bytes, at most {@link #BYTES}
 */
record Chunk(int number, long offset, int length) {
    /** Large enough that the calls cost nothing, small enough that what was just copied is still in the cache. */
    static final int BYTES = 256 << 10;

    /** How many chunks {@code bytes} bytes make. */
    static int count(long bytes) {
        return Math.toIntExact((bytes + BYTES - 1) / BYTES);
    }

    /** The chunk of that number in a region of {@code bytes} bytes. */
    static Chunk of(int number, long bytes) {
        long offset = (long) number * BYTES;
        return new Chunk(number, offset, (int) Math.min(BYTES, bytes - offset));
    }
}
