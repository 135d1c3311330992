package org.tiexec.it.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command {@code tracer run} with its options, before it is told which program. */
public final class TracerRun {
    private final Lab lab;
    private final Path installation;
    private final List<String> options;

    TracerRun(Lab lab, Path installation, List<String> options) {
        this.lab = lab;
        this.installation = installation;
        this.options = List.copyOf(options);
    }

    /** The whole command. */
    public Command of(Object... program) {
        List<String> words = new ArrayList<>();
        words.add(installation.resolve("tracer/bin/tracer").toString());
        words.add("run");
        words.addAll(Patience.options());
        words.addAll(options);
        words.add("--");
        words.addAll(Command.strings(program));
        return new Command(lab, words, Command.locate(String.valueOf(program[0])));
    }
}
