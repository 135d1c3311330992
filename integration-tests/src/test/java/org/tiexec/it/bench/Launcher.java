package org.tiexec.it.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.it.support.Backing;

/**
 * A way to start programs.
 *
 * @param name what it is called in tables
 * @param words what stands before the program on its command line
 * @param java the Java that it runs in, if it does
 * @param promised on which pages the program must be, whatever happens
 */
record Launcher(String name, List<String> words, Optional<JavaHome> java, Optional<Backing> promised) {
    private static final String BASELINE = "TIEXEC_BASELINE";

    /** The program as it is. */
    static Launcher plain() {
        return new Launcher("plain", List.of(), Optional.empty(), Optional.empty());
    }

    /**
     * {@code tracer run}; with {@code --strict}, by which a launch that fails open, and would be fast, ends with 125.
     *
     * @param options more of its options
     */
    static Launcher tracer(String name, Path root, JavaHome java, Backing backing, List<String> options) {
        List<String> words = new ArrayList<>(List.of(
                root.resolve("tracer/bin/tracer").toString(), "run", "--strict", "--backing=" + backing.optionValue()));
        words.addAll(options);
        words.add("--");
        return new Launcher(name, List.copyOf(words), Optional.of(java), Optional.of(backing));
    }

    /** Another launcher, which the environment names; on its pages it is not taken at its word. */
    static Optional<Launcher> baseline() {
        return Optional.ofNullable(System.getenv(BASELINE))
                .map(path -> new Launcher("baseline", List.of(path, "run", "--"), Optional.empty(), Optional.empty()));
    }

    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(words);
        command.addAll(program);
        return command;
    }

    ProcessBuilder process(List<String> program) {
        ProcessBuilder builder = new ProcessBuilder(command(program));
        Map<String, String> environment = builder.environment();
        java.ifPresent(home -> environment.put("JAVA_HOME", home.directory().toString()));
        return builder;
    }
}
