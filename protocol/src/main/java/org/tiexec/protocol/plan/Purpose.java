package org.tiexec.protocol.plan;

import java.util.Optional;

/** What a plan is for. */
public enum Purpose {
    /** A program that stands still before its first instruction goes to huge pages. */
    LAUNCH("launch"),
    /** A process that runs meanwhile goes to huge pages, its original code stays parked. */
    ATTACH("attach"),
    /** Parked original code goes back to where it was, while the process runs. */
    UNDO("undo");

    private final String wireName;

    Purpose(String wireName) {
        this.wireName = wireName;
    }

    /** The name in plans and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** The value with this name, if there is one. */
    public static Optional<Purpose> named(String wireName) {
        for (Purpose value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
