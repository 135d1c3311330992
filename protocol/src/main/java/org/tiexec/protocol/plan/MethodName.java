package org.tiexec.protocol.plan;

import java.util.Optional;

/** How the new pages take the place of the old. */
public enum MethodName {
    /** Filled and checked elsewhere, then moved over the original by one call. */
    STAGED_SWAP("staged-swap"),
    /** Mapped over the original and refilled from a snapshot, for kernels that cannot move hugetlb memory. */
    IN_PLACE("in-place");

    private final String wireName;

    MethodName(String wireName) {
        this.wireName = wireName;
    }

    /** The name in plans and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** The value with this name, if there is one. */
    public static Optional<MethodName> named(String wireName) {
        for (MethodName value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
