package org.tiexec.protocol.plan;

import java.util.Optional;

/** What kind of pages the user asks for. */
public enum BackingChoice {
    /** Reserved huge pages if enough are free now, else transparent ones. */
    AUTO("auto"),
    /** Reserved huge pages or nothing. */
    HUGETLB("hugetlb"),
    /** Transparent huge pages or nothing. */
    THP("thp");

    private final String wireName;

    BackingChoice(String wireName) {
        this.wireName = wireName;
    }

    /** The name in plans and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** The value with this name, if there is one. */
    public static Optional<BackingChoice> named(String wireName) {
        for (BackingChoice value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
