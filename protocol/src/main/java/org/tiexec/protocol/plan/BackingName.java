package org.tiexec.protocol.plan;

import java.util.Optional;

/** What kind of pages a region gets. */
public enum BackingName {
    /** Reserved huge pages, {@code MAP_HUGETLB}. */
    HUGETLB("hugetlb"),
    /** Transparent huge pages, collapsed at once. */
    THP("thp");

    private final String wireName;

    BackingName(String wireName) {
        this.wireName = wireName;
    }

    /** The name in plans and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** The value with this name, if there is one. */
    public static Optional<BackingName> named(String wireName) {
        for (BackingName value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
