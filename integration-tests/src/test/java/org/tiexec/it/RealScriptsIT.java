package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.JavaServer;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PostgresCluster;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.TextPages;

/** Real programs behind the scripts and commands by which they are commonly started, without a word about following. */
@InLab
final class RealScriptsIT {
    /** As those that packages of servers come with: some settings, some questions, and then the server. */
    private static final String SERVICE = """
            #!/bin/sh
            set -e
            umask 077
            for file in /etc/default/no-such-service "$HOME/.no-such-service"; do
                if [ -r "$file" ]; then . "$file"; fi
            done
            ulimit -c 0
            [ -n "$(ls -d /)" ] || exit 1
            exec "$@"
            """;

    private static final Path JAVA = Path.of(System.getProperty("java.home")).resolve("bin/java");
    private static final Path JVM = Path.of(System.getProperty("java.home")).resolve("lib/server/libjvm.so");

    @ParameterizedTest
    @EnumSource
    void aServiceWhoseScriptEndsInPostgresWorksOnHugePages(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        PostgresCluster cluster = PostgresCluster.in(lab);
        Path service = lab.script("service", SERVICE);

        RunningProgram server =
                cluster.start(lab.traced(service, cluster.postgres()).becoming(cluster.postgres()));

        server.text().assertWhollyOn(backing);
        assertThat(PostgresCluster.succeed(cluster.client("psql", "--tuples-only", "--no-align", "-c", "select 6 * 7"))
                        .out())
                .isEqualTo("42\n");
        server.process().signal("INT");
        Outcome outcome = server.awaitEnd();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).doesNotContain("tracer:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nice -n 5", "env -u HOME GOGC=50", "nice setsid env", "bash -c 'ulimit -c 0; exec \"$@\"' bash"
            })
    void aServerBehindCommandsThatExecuteItIsOnHugePages(String prefix, Lab lab) {
        lab.provide(Backing.HUGETLB);
        String config = lab.file("prometheus.yml", "scrape_configs: []\n").toString();
        String data = lab.directory().resolve("tsdb").toString();
        String command = "exec \"$0\" run --strict -- " + prefix + " prometheus --config.file=" + config
                + " --storage.tsdb.path=" + data + " --web.listen-address=127.0.0.1:0";

        RunningProgram server = lab.plain("sh", "-c", command, Lab.root().resolve("tracer/bin/tracer"))
                .becoming(Path.of("prometheus"))
                .start();
        server.awaitThat("its readiness", () -> server.err().contains("ready to receive web requests"));

        server.text().assertWhollyOn(Backing.HUGETLB);
        server.process().signal("TERM");
        assertThat(server.awaitEnd().status()).isZero();
    }

    /** Debian's has its code in a library, others in the executable. */
    @Test
    void theNodeThatEnvFindsForAScriptIsOnHugePages(Lab lab) {
        lab.provide(Backing.THP);
        Path script =
                lab.script("script", "#!/usr/bin/env node\nconsole.log(6 * 7, process.argv[2]);\nprocess.exit(3);\n");

        Outcome traced = lab.tracer("-v", "--strict", "--targets=exe,libs")
                .of(script, "word")
                .run();

        assertThat(traced.out()).isEqualTo("42 word\n");
        assertThat(traced.status()).isEqualTo(3);
        assertThat(traced.errLines().get(0)).contains("node", "its code is on 2 MB pages");
    }

    @Test
    void theJvmOfAServiceWhoseScriptEndsInJavaComesToHugePages(Lab lab) {
        lab.provide(Backing.THP);
        Path service = lab.script("service", SERVICE);

        RunningProgram server = lab.tracer("--dlopen=60")
                .of(
                        service,
                        JAVA,
                        "-Xmx96m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        JavaServer.class.getName(),
                        lab.freePort())
                .becoming(JAVA)
                .start()
                .awaitLine("ready");

        server.awaitThat(
                "libjvm on huge pages",
                () -> TextPages.of(server.program(), JVM).isWhollyOn(Backing.THP));
        assertThat(server.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
    }
}
