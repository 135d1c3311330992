package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tiexec.it.support.Specimens;

/**
 * A program that is launched, says something, and ends.
 *
 * @param name by which it is asked for
 * @param command empty if it is not installed
 * @param debianPackage what would install it
 */
record Program(String name, List<String> command, String debianPackage) {
    static final String ALL = "true,node,prometheus,postgres,large";

    static Program named(String name) throws IOException {
        return switch (name) {
            case "true" -> installed(name, "coreutils", "true");
            case "node" -> installed(name, "nodejs", "node", "-v");
            case "prometheus" -> installed(name, "prometheus", "prometheus", "--version");
            case "postgres" ->
                postgres()
                        .map(directory -> new Program(
                                name, List.of(directory.resolve("postgres").toString(), "--version"), "postgresql"))
                        .orElse(new Program(name, List.of(), "postgresql"));
            case "large" -> new Program(name, List.of(Specimens.largeSpecimen().toString(), "say", "hello"), "gcc");
            case "specimen" -> new Program(name, List.of(Specimens.specimen().toString(), "say", "hello"), "gcc");
            default -> throw new IllegalArgumentException("there is no program '" + name + "'");
        };
    }

    boolean isMissing() {
        return command.isEmpty();
    }

    /** What to tell where it is missing. */
    String howToInstall() {
        return "not installed; as root: apt-get install " + debianPackage;
    }

    /** Whether it says nothing, so that nobody can hold it, and is too small to gain anything. */
    boolean isSilent() {
        return name.equals("true");
    }

    /** The file that it executes. */
    Path executable() throws IOException {
        return Path.of(command.get(0)).toRealPath();
    }

    private static Program installed(String name, String debianPackage, String... command) {
        return find(command[0])
                .map(path -> new Program(
                        name,
                        Stream.concat(
                                        Stream.of(path.toString()),
                                        Stream.of(command).skip(1))
                                .toList(),
                        debianPackage))
                .orElse(new Program(name, List.of(), debianPackage));
    }

    /** Where PATH has a command. */
    static Optional<Path> find(String command) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        return Stream.of(path.split(":", -1))
                .map(directory -> Path.of(directory, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Where Debian has the programs of the newest PostgreSQL. */
    static Optional<Path> postgres() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(versions)) {
            return found.map(version -> version.resolve("bin"))
                    .filter(directory -> Files.isExecutable(directory.resolve("postgres")))
                    .max(Comparator.naturalOrder());
        }
    }
}
