package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.tiexec.it.support.TestedJava;

/**
 * A Java for tracer and helper.
 *
 * @param version such as {@code 17}
 */
record JavaHome(String version, Path directory) {
    private static final String BUILD = "JAVA_RUNTIME_VERSION=";

    /** The one that this program runs in, if it has this version, else an installed one. */
    static Optional<JavaHome> of(String version) {
        if (Integer.toString(Runtime.version().feature()).equals(version)) {
            return Optional.of(new JavaHome(version, Path.of(System.getProperty("java.home", "/"))));
        }
        return TestedJava.installed(version).map(home -> new JavaHome(version, home));
    }

    /** The exact version, by which its class-data archives are named. */
    String build() throws IOException {
        for (String line : Files.readAllLines(directory.resolve("release"), StandardCharsets.UTF_8)) {
            if (line.startsWith(BUILD)) {
                return line.substring(BUILD.length()).replace("\"", "");
            }
        }
        throw new IOException(directory + "/release has no " + BUILD);
    }
}
