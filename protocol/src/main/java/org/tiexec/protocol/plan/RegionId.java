package org.tiexec.protocol.plan;

import org.jspecify.annotations.Nullable;

/**
 * The name of a region, unique within its plan.
 *
 * @param text 1 to 32 letters, digits, {@code -} or {@code _}
 */
public record RegionId(String text) {
    /** Rejects any other form. */
    public RegionId {
        Label.require(text);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof RegionId other && text.equals(other.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
