package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The documents of launches, which are complete a moment after the program has started. */
public final class Archives {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Archives() {}

    /** Waits until there is one, and nothing else, in a directory. */
    public static Path awaitOnly(Path directory) {
        return Awaitility.await("one document in " + directory)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> files(directory),
                        files -> files.size() == 1 && files.get(0).toString().endsWith(".json"))
                .get(0);
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
