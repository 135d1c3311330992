package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A database cluster of PostgreSQL in a lab, with its own port, for whose server the test decides how it is started. */
public final class PostgresCluster {
    private final Lab lab;
    private final Path programs;
    private final User owner;
    private final Path directory;
    private final String port;

    private PostgresCluster(Lab lab, Path programs, User owner, Path directory, String port) {
        this.lab = lab;
        this.programs = programs;
        this.owner = owner;
        this.directory = directory;
        this.port = port;
    }

    /** Makes one; the test is skipped where PostgreSQL is not installed. */
    public static PostgresCluster in(Lab lab) throws IOException {
        Path programs = programs();
        User owner = User.named("postgres");
        Path directory = Files.createDirectory(lab.directory().resolve("cluster"));
        owner.own(directory);
        succeed(lab.plain(programs.resolve("initdb"), "-D", directory, "--auth=trust", "--no-sync", "--no-locale")
                .as(owner));
        return new PostgresCluster(lab, programs, owner, directory, Integer.toString(lab.freePort()));
    }

    private static Path programs() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        assumeTrue(Files.isDirectory(versions), "PostgreSQL is not installed");
        try (Stream<Path> found = Files.list(versions)) {
            return found.map(version -> version.resolve("bin"))
                    .filter(directory -> Files.isExecutable(directory.resolve("postgres")))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    /** The executable of the server. */
    public Path postgres() {
        return programs.resolve("postgres");
    }

    /** Starts the server and waits until it takes connections. */
    public RunningProgram start(Command postgres) {
        RunningProgram server = postgres.before(
                        "-D",
                        directory,
                        "-p",
                        port,
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "shared_buffers=16MB")
                .as(owner)
                .start();
        server.awaitThat("a connection", () -> client("pg_isready").run().status() == 0);
        return server;
    }

    /** A program that connects to the server. */
    public Command client(String name, Object... arguments) {
        return lab.plain(programs.resolve(name))
                .before(arguments)
                .with("PGHOST", "127.0.0.1")
                .with("PGPORT", port)
                .with("PGUSER", "postgres")
                .with("PGDATABASE", "postgres");
    }

    /** An open session in which statements can be said, answered without headers or padding. */
    public RunningProgram session() {
        return client("psql", "--tuples-only", "--no-align").start();
    }

    /** Runs a command, which must end with 0. */
    public static Outcome succeed(Command command) {
        Outcome outcome = command.run();
        assertThat(outcome.status()).as(command + ": " + outcome).isZero();
        return outcome;
    }
}
