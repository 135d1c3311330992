package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** An installation whose helper's answers are held back from one message on until the test releases them. */
public final class HeldAnswers {
    private final Installation installation;
    private final Path seen;
    private final Path release;

    /**
     * Prepares one.
     *
     * @param type the {@code type} of the first message to be held back
     */
    public HeldAnswers(Lab lab, String type) {
        seen = lab.directory().resolve("seen");
        release = lab.fifo("release");
        installation = Installation.withAnswersThrough(
                lab,
                lab.script("hold-back", """
                                #!/bin/sh
                                while IFS= read -r line; do
                                    case $line in *'"type":"%s"'*)
                                        if [ ! -e '%s' ]; then : >'%s'; read -r released <'%s'; fi ;;
                                    esac
                                    printf '%%s\\n' "$line"
                                done
                                """.formatted(type, seen, seen, release))
                        .toString());
    }

    /** The command {@code tracer run} that gets its answers so. */
    public TracerRun tracer(String... options) {
        return installation.tracer(options);
    }

    /** Waits until the helper has sent the message that is held back. */
    public void await() {
        Awaitility.await("the message of the helper")
                .atMost(Duration.ofSeconds(20))
                .until(() -> Files.exists(seen));
    }

    /** Lets that message and all that follow go to the tracer. */
    public void release() {
        try {
            Files.writeString(release, "now\n", StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
