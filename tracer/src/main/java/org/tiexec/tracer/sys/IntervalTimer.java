package org.tiexec.tracer.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A running timer of {@code setitimer(2)}.
 *
 * @param which one of the three
 * @param intervalSeconds the time after which it starts anew, in whole seconds
 * @param intervalMicros the rest of that time, in microseconds
 * @param seconds what remains, in whole seconds
 * @param micros the rest of what remains, in microseconds
 */
public record IntervalTimer(int which, long intervalSeconds, long intervalMicros, long seconds, long micros) {
    /** The size of {@code struct itimerval} ({@code linux/time.h}). */
    static final int BYTES = 32;

    /** How many there are. */
    static final int KINDS = 3;

    /** The {@code struct itimerval}. */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(intervalSeconds)
                .putLong(intervalMicros)
                .putLong(seconds)
                .putLong(micros)
                .array();
    }

    boolean isRunning() {
        return seconds != 0 || micros != 0;
    }
}
