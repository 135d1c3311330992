package org.tiexec.protocol.plan;

import java.util.Optional;

/** How the user asks for the pages to be swapped in. */
public enum MethodChoice {
    /** The staged swap where the kernel can move the pages, else in place. */
    AUTO("auto"),
    /** Always the staged swap. */
    STAGED_SWAP("staged-swap"),
    /** Always in place. */
    IN_PLACE("in-place");

    private final String wireName;

    MethodChoice(String wireName) {
        this.wireName = wireName;
    }

    /** The name in plans and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** The value with this name, if there is one. */
    public static Optional<MethodChoice> named(String wireName) {
        for (MethodChoice value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
