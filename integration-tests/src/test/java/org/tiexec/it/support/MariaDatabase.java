package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** A database of MariaDB in a lab, reached by a socket there, for whose server the test decides how it is started. */
public final class MariaDatabase {
    private static final Path SERVER = Path.of("/usr/sbin/mariadbd");

    /** From the directory of the data, as a whole path may be longer than that of a socket can be. */
    private static final String SOCKET = "--socket=socket";

    private final Lab lab;
    private final Path directory;

    private MariaDatabase(Lab lab) {
        this.lab = lab;
        this.directory = lab.directory().resolve("database");
    }

    /** Makes one; the test is skipped where MariaDB is not installed. */
    public static MariaDatabase in(Lab lab) {
        assumeTrue(Files.isExecutable(SERVER), "MariaDB is not installed");
        MariaDatabase database = new MariaDatabase(lab);
        Outcome made = lab.plain(
                        "mariadb-install-db",
                        "--no-defaults",
                        "--datadir=" + database.directory,
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db",
                        "--skip-name-resolve")
                .run();
        assertThat(made.status()).as(made.toString()).isZero();
        return database;
    }

    /** The words that run its server. */
    public Object[] server() {
        return new Object[] {
            SERVER,
            "--no-defaults",
            "--user=root",
            "--datadir=" + directory,
            SOCKET,
            "--skip-networking",
            "--innodb-buffer-pool-size=16M"
        };
    }

    /** Starts the server and waits until it answers. */
    public RunningProgram start(Command server) {
        return server.start().awaitThat("an answer", () -> ask("select 1").status() == 0);
    }

    /** What the client prints of the answers to statements, without headers. */
    public Outcome ask(String statements) {
        return lab.plain("mariadb", "--no-defaults", SOCKET, "--user=root", "--skip-column-names", "-e", statements)
                .in(directory)
                .run();
    }
}
