package org.tiexec.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A short text that tells one build of the jars from every other.
 *
 * <p>In a package all files have the same time, so that a class-data archive that was made for an older version could pass
 * for one of the new.
 */
final class BuildStamp {
    private static final int CHARACTERS = 12;

    private final MessageDigest digest;

    BuildStamp() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Takes in all jars of a directory. */
    void add(Path directory) throws IOException {
        List<Path> jars;
        try (Stream<Path> entries = Files.list(directory)) {
            jars = entries.filter(entry -> entry.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
        if (jars.isEmpty()) {
            throw new IOException(directory + " has no jars: has it been built?");
        }
        for (Path jar : jars) {
            digest.update(Files.readAllBytes(jar));
        }
    }

    /** Once only, after all have been added. */
    String text() {
        return HexFormat.of().formatHex(digest.digest()).substring(0, CHARACTERS);
    }
}
