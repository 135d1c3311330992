package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project in a lab as a stranger has it after {@code git clone}: nothing is built yet. */
public final class FreshClone {
    /** What the launchers call by name. */
    private static final List<String> TOOLS = List.of(
            "sh", "env", "readlink", "sed", "flock", "mkdir", "rmdir", "sleep", "base64", "rm", "mv", "cat", "ln");

    private final Lab lab;
    private final Path top;
    private final Path tools;
    private final String path;
    private final String javaHome;

    private FreshClone(Lab lab, Path top, Path tools, String path, String javaHome) {
        this.lab = lab;
        this.top = top;
        this.tools = tools;
        this.path = path;
        this.javaHome = javaHome;
    }

    /** One that is started with the caller's own environment, so that Maven can build it. */
    public static FreshClone of(Lab lab) {
        Path top = lab.directory().resolve("clone");
        copy(Lab.root(), top);
        return new FreshClone(
                lab, top, top, System.getenv("PATH"), TestedJava.home().toString());
    }

    /** One on a machine that has a JDK, but no Maven. */
    public static FreshClone withoutMaven(Lab lab) {
        Path tools = lab.directory().resolve("tools");
        try {
            Files.createDirectories(tools);
            for (String tool : TOOLS) {
                Files.createSymbolicLink(tools.resolve(tool), Command.locate(tool));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FreshClone whole = of(lab);
        return new FreshClone(lab, whole.top, tools, tools.toString(), whole.javaHome);
    }

    /** The same on a machine whose {@code mvn} is a shell script of ours. */
    public FreshClone withMaven(String script) {
        lab.script(lab.directory().relativize(tools.resolve("mvn")).toString(), "#!/bin/sh\n" + script);
        return this;
    }

    /** The same with another JAVA_HOME; an empty one means that there is no Java at all. */
    public FreshClone withJavaHome(String other) {
        return new FreshClone(lab, top, tools, path, other);
    }

    /** The same after its owner has built something. */
    public FreshClone with(String file, String content) {
        try {
            Path place = top.resolve(file);
            Files.createDirectories(place.resolveSibling("."));
            Files.writeString(place, content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its directory. */
    public Path top() {
        return top;
    }

    /** The command {@code tracer run} of this clone. */
    public Command traced(List<String> options, Object... program) {
        return onThisMachine(new TracerRun(lab, top, options).of(program));
    }

    /** The same command without a tracer. */
    public Command plain(Object... program) {
        return onThisMachine(lab.plain(program));
    }

    private Command onThisMachine(Command command) {
        return command.with("PATH", path).with("JAVA_HOME", javaHome);
    }

    /** Beside a pom.xml, {@code target} is what has been built. */
    private static boolean isCloned(Path directory) {
        return !directory.endsWith(".git")
                && !(directory.endsWith("target") && Files.exists(directory.resolveSibling("pom.xml")));
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> entries = Files.list(from)) {
            Files.createDirectories(to);
            for (Path entry : entries.toList()) {
                Path place = to.resolve(entry.getFileName());
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    if (isCloned(entry)) {
                        copy(entry, place);
                    }
                } else {
                    Files.copy(entry, place);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
