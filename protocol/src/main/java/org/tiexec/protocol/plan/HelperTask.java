package org.tiexec.protocol.plan;

import java.util.Optional;

/** Work on a region's bytes that the helper does from outside the target. */
public enum HelperTask {
    /** Copies the region into the helper's own memory. */
    SNAPSHOT("snapshot"),
    /** Writes the region's bytes to another place, chunk by chunk, and reads each chunk back. */
    FILL("fill"),
    /** Compares another place with the snapshot, or without one with the region as it is now, byte for byte. */
    VERIFY("verify");

    private final String wireName;

    HelperTask(String wireName) {
        this.wireName = wireName;
    }

    /** The value of {@code "do"} in plans. */
    public String wireName() {
        return wireName;
    }

    /** The task with this name, if there is one. */
    public static Optional<HelperTask> named(String wireName) {
        for (HelperTask task : values()) {
            if (task.wireName.equals(wireName)) {
                return Optional.of(task);
            }
        }
        return Optional.empty();
    }
}
