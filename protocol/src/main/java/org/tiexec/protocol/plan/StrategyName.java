package org.tiexec.protocol.plan;

import java.util.Optional;

/** How regions are chosen. */
public enum StrategyName {
    /** The 2 MiB-aligned interior of each mapping. */
    CONSERVATIVE("conservative"),
    /** Rounded outward to whole 2 MiB where {@link Widening} permits it. */
    AGGRESSIVE("aggressive");

    private final String wireName;

    StrategyName(String wireName) {
        this.wireName = wireName;
    }

    /** The name in plans and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** The value with this name, if there is one. */
    public static Optional<StrategyName> named(String wireName) {
        for (StrategyName value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
