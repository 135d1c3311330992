package org.tiexec.protocol.plan;

import org.jspecify.annotations.Nullable;

/**
 * The name of a step, unique within its plan.
 *
 * @param text 1 to 32 letters, digits, {@code -} or {@code _}
 */
public record StepId(String text) {
    /** Rejects any other form. */
    public StepId {
        Label.require(text);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof StepId other && text.equals(other.text);
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
