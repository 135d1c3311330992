package org.tiexec.protocol.plan;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.memory.AddressRange;

/**
 * A piece of a region that is no code of its mapping, and can be executed afterwards.
 *
 * @param range where it is
 * @param before what is there before
 */
public record Widened(AddressRange range, Before before) {
    /** What a region may be widened over. */
    public enum Before {
        /** Nothing is mapped; it is filled with zero bytes. */
        GAP("gap"),
        /** The same file, mapped privately and read-only. */
        READ_ONLY("r--");

        private final String wireName;

        Before(String wireName) {
            this.wireName = wireName;
        }

        /** The name in plans. */
        public String wireName() {
            return wireName;
        }

        /** The value with this name, if there is one. */
        public static Optional<Before> named(String wireName) {
            for (Before value : values()) {
                if (value.wireName.equals(wireName)) {
                    return Optional.of(value);
                }
            }
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Widened other && range.equals(other.range) && before == other.before;
    }

    @Override
    public int hashCode() {
        return 31 * range.hashCode() + before.hashCode();
    }

    @Override
    public String toString() {
        return range + " " + before.wireName();
    }
}
