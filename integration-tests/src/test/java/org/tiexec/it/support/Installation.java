package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A copy of the built tracer in a lab, beside which stands another helper than the real one. */
public final class Installation {
    private final Lab lab;
    private final Path top;

    private Installation(Lab lab) {
        this.lab = lab;
        this.top = lab.newFile("installation");
        try {
            Files.createDirectories(top.resolve("tracer/bin"));
            Files.createDirectories(top.resolve("helper/bin"));
            Files.copy(Lab.root().resolve("tracer/bin/tracer"), top.resolve("tracer/bin/tracer"));
            for (String shared : List.of("tracer/target", "tracer/src", "helper/target", "protocol")) {
                Files.createSymbolicLink(top.resolve(shared), Lab.root().resolve(shared));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(top.resolve("tracer/bin/tracer")).isExecutable();
    }

    /** One without any helper. */
    public static Installation withoutHelper(Lab lab) {
        return new Installation(lab);
    }

    /** One whose helper is a script in place of the real one. */
    public static Installation withHelper(Lab lab, String script) {
        Installation installation = new Installation(lab);
        lab.script(
                lab.directory()
                        .relativize(installation.top.resolve("helper/bin/helper"))
                        .toString(),
                script);
        return installation;
    }

    /**
     * One with the real helper, whose answers pass through a filter.
     *
     * @param filter a shell command from standard input to standard output; when it ends, the answers end
     */
    public static Installation withAnswersThrough(Lab lab, String filter) {
        String answers = lab.fifo("answers").toString();
        return withHelper(lab, """
                #!/bin/sh
                exec 3<&0
                '%s' "$@" <&3 3<&- >'%s' &
                exec %s <'%s' 3<&-
                """.formatted(Lab.root().resolve("helper/bin/helper"), answers, filter, answers));
    }

    /** The command {@code tracer run} of this installation. */
    public TracerRun tracer(String... options) {
        return new TracerRun(lab, top, List.of(options));
    }

    /** The command {@code tracer attach} of this installation. */
    public TracerAttach attach(String... options) {
        return new TracerAttach(lab, top, List.of(options));
    }
}
