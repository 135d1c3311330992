package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A command line that a test may run, with its variables and its directory; each change gives a new one. */
public final class Command {
    private static final Duration DEADLINE = Patience.of(Duration.ofSeconds(60));

    private final Lab lab;
    private final List<String> words;
    private final Path program;
    private final Map<String, String> variables;
    private final Path directory;

    Command(Lab lab, List<String> words, Path program) {
        this(lab, words, program, Map.of(), lab.workingDirectory());
    }

    private Command(Lab lab, List<String> words, Path program, Map<String, String> variables, Path directory) {
        this.lab = lab;
        this.words = List.copyOf(words);
        this.program = program;
        this.variables = Map.copyOf(variables);
        this.directory = directory;
    }

    /** The same, run by another command that becomes it or waits for it. */
    public Command after(Object... prefix) {
        List<String> all = new ArrayList<>(strings(prefix));
        all.addAll(words);
        return new Command(lab, all, program, variables, directory);
    }

    /** The same with more arguments. */
    public Command before(Object... arguments) {
        List<String> all = new ArrayList<>(words);
        all.addAll(strings(arguments));
        return new Command(lab, all, program, variables, directory);
    }

    /** The same with one more environment variable. */
    public Command with(String variable, String value) {
        Map<String, String> more = new LinkedHashMap<>(variables);
        more.put(variable, value);
        return new Command(lab, words, program, more, directory);
    }

    /** The same, expected to execute another file than the one that it names, as a script does. */
    public Command becoming(Path executable) {
        return new Command(lab, words, locate(executable.toString()), variables, directory);
    }

    /** The same in another working directory. */
    public Command in(Path other) {
        return new Command(lab, words, program, variables, other);
    }

    /** The same as another user, without privileges or supplementary groups. */
    public Command as(User user) {
        return after(user.becoming());
    }

    /** The same as seen by a shell that waits for it: {@code 128+N} becomes an ordinary exit status. */
    public Command fromShell() {
        return after("sh", "-c", "\"$@\"; exit $?", "sh");
    }

    /** The words of the command line. */
    public List<String> words() {
        return words;
    }

    /** The executable file that the program is expected to become. */
    Path program() {
        return program;
    }

    /** Starts it, its standard input an open pipe. */
    public RunningProgram start() {
        Path out = lab.newFile("out");
        Path err = lab.newFile("err");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        TestedJava.otherHome().ifPresent(home -> builder.environment().put("JAVA_HOME", home.toString()));
        builder.environment().putAll(variables);
        builder.environment().put(Lab.MARK, lab.mark());
        try {
            return lab.watch(new RunningProgram(this, builder.start(), out, err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs it to its end, its standard input empty. */
    public Outcome run() {
        return run("");
    }

    /** Runs it to its end with a text on its standard input. */
    public Outcome run(String input) {
        RunningProgram running = start();
        running.say(input);
        return running.finish(DEADLINE);
    }

    static List<String> strings(Object... words) {
        return Stream.of(words).map(String::valueOf).toList();
    }

    /** The real path of a program that is named as on a command line. */
    static Path locate(String name) {
        try {
            if (name.contains("/")) {
                Path path = Path.of(name);
                return Files.exists(path) ? path.toRealPath() : path;
            }
            for (String directory :
                    System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
                Path candidate = Path.of(directory, name);
                if (Files.isExecutable(candidate)) {
                    return candidate.toRealPath();
                }
            }
            return Path.of(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return String.join(" ", words);
    }
}
