package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The class-data archives of tracer and helper for one Java, which the first launch makes that could have used them. */
final class ClassDataArchives {
    private final List<Path> files;

    ClassDataArchives(Path root, JavaHome java) throws IOException {
        String end = "-" + java.build() + ".jsa";
        files = List.of(
                root.resolve("tracer/target/tiexec-tracer" + end), root.resolve("helper/target/tiexec-helper" + end));
    }

    void delete() throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    /** Those that no launch has made, though it could have. */
    List<Path> missing() {
        return files.stream().filter(file -> !Files.exists(file)).toList();
    }
}
