package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.User;

/** A PostgreSQL server and the processes that it forks work on 2 MB pages. */
@InLab
final class PostgresIT {
    @ParameterizedTest
    @EnumSource
    void itsServerAndItsForkedBackendsWorkOnHugePages(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        Path programs = programs();
        User postgres = User.named("postgres");
        Path cluster = Files.createDirectory(lab.directory().resolve("cluster"));
        postgres.own(cluster);
        String port = Integer.toString(lab.freePort());
        succeed(lab.plain(programs.resolve("initdb"), "-D", cluster, "--auth=trust", "--no-sync", "--no-locale")
                .as(postgres));

        RunningProgram server = lab.traced(
                        programs.resolve("postgres"),
                        "-D",
                        cluster,
                        "-p",
                        port,
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "shared_buffers=16MB")
                .as(postgres)
                .start();
        server.awaitThat(
                "a connection",
                () -> client(lab, programs, "pg_isready", port).run().status() == 0);

        server.text().assertWhollyOn(backing);
        succeed(client(lab, programs, "pgbench", port, "--initialize", "--quiet"));
        Outcome bench = succeed(client(lab, programs, "pgbench", port, "--client=4", "--jobs=2", "--time=3"));
        assertThat(bench.out()).contains("number of failed transactions: 0 (0.000%)");

        RunningProgram session = client(lab, programs, "psql", port, "--tuples-only", "--no-align")
                .start();
        session.say("select 'backend ' || 'ready';\n");
        session.awaitLine("backend ready");
        List<LiveProcess> children = server.program().children();
        assertThat(children).anyMatch(child -> child.commandLine().contains("idle"));
        assertThat(children).allSatisfy(child -> TextPages.of(child).assertWhollyOn(backing));
        session.finish();

        server.process().signal("INT");
        assertThat(server.awaitEnd().status()).isZero();
    }

    private static Command client(Lab lab, Path programs, String name, String port, Object... arguments) {
        return lab.plain(programs.resolve(name))
                .before(arguments)
                .with("PGHOST", "127.0.0.1")
                .with("PGPORT", port)
                .with("PGUSER", "postgres")
                .with("PGDATABASE", "postgres");
    }

    private static Outcome succeed(Command command) {
        Outcome outcome = command.run();
        assertThat(outcome.status()).as(command + ": " + outcome).isZero();
        return outcome;
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
}
