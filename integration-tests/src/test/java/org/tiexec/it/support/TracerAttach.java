package org.tiexec.it.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The command {@code tracer attach} with its options, before it is told to which process. */
public final class TracerAttach {
    private final Lab lab;
    private final Path installation;
    private final List<String> options;

    TracerAttach(Lab lab, Path installation, List<String> options) {
        this.lab = lab;
        this.installation = installation;
        this.options = List.copyOf(options);
    }

    /** The same, to take back what was done. */
    public TracerAttach undoing() {
        return new TracerAttach(
                lab,
                installation,
                Stream.concat(options.stream(), Stream.of("--undo")).toList());
    }

    /** The whole command, for a process that may not exist. */
    public Command to(Object pid) {
        List<String> words = new ArrayList<>();
        words.add(installation.resolve("tracer/bin/tracer").toString());
        words.add("attach");
        words.addAll(Patience.options());
        words.addAll(options);
        words.add(String.valueOf(pid));
        return new Command(lab, words, Command.locate(words.get(0)));
    }

    /** The whole command, for a process. */
    public Command to(LiveProcess process) {
        return to((Object) process.pid());
    }

    /** The whole command, for a program that was started without a tracer. */
    public Command to(RunningProgram program) {
        return to(program.process());
    }
}
