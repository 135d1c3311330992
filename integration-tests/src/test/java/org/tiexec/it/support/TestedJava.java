package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Java that the launchers run in the tests: the one of the tests themselves, unless the system property {@code
 * tiexec.test.jdk} asks for another version, as the profile {@code jdk25} does.
 */
public final class TestedJava {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    private TestedJava() {}

    /** What JAVA_HOME must be for it, or empty if the environment is to be left as it is. */
    static Optional<Path> otherHome() {
        String version = System.getProperty("tiexec.test.jdk", "");
        return version.isEmpty() ? Optional.empty() : Optional.of(find(version));
    }

    /** Its directory. */
    static Path home() {
        return otherHome().orElse(Path.of(System.getProperty("java.home")));
    }

    private static Path find(String version) {
        return installed(version)
                .orElseThrow(() ->
                        new IllegalStateException("no JDK " + version + " in " + INSTALLED + "; name one: export JDK"
                                + version + "_HOME=DIRECTORY, with a bin/java that belongs to you or root"));
    }

    /** The JDK of a version that the environment names, else that is installed. */
    public static Optional<Path> installed(String version) {
        return candidates("JDK" + version + "_HOME").stream()
                .filter(home -> isVersion(home, version))
                .findFirst();
    }

    private static List<Path> candidates(String variable) {
        Optional<Path> named = Optional.ofNullable(System.getenv(variable)).map(Path::of);
        if (named.isPresent()) {
            return List.of(named.get());
        }
        if (!Files.isDirectory(INSTALLED)) {
            return List.of();
        }
        try (Stream<Path> homes = Files.list(INSTALLED)) {
            return homes.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isVersion(Path home, String version) {
        Path release = home.resolve("release");
        if (!Files.isReadable(release)) {
            return false;
        }
        return Command.text(release).lines().anyMatch(line -> line.matches("JAVA_VERSION=\"" + version + "[\".].*"));
    }
}
