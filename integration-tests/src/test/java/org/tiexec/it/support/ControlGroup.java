package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A control group of a test. */
final class ControlGroup {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private ControlGroup() {}

    /** Waits until all that began in it have ended, and removes it. */
    static void remove(Path group) {
        Awaitility.await("the end of all in " + group)
                .atMost(PATIENCE)
                .until(() -> Command.text(group.resolve("cgroup.procs")).isBlank());
        try {
            Files.delete(group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
