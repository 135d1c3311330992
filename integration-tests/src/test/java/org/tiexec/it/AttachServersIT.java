package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.AttachCycles;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.CheckingClients;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.HugeCode;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.JavaServer;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PostgresCluster;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Servers give the right answers under load while they are attached to, taken back, and attached to again. */
@InLab
final class AttachServersIT {
    private static final int CYCLES = AttachCycles.count(2, 200);
    private static final int CLIENTS = 4;
    private static final long HUGE_KB = 2048;

    private static final String NODE_SCRIPT = """
            const http = require('http'), crypto = require('crypto'), zlib = require('zlib');
            http.createServer((question, answer) => {
                const n = Number(question.url.slice(1));
                const list = Array.from({ length: 200 }, (_, i) => ({ i, name: `n${(i * 7919 + n) % 1009}`, root: Math.sqrt(i + n) }));
                list.sort((one, other) => (one.name < other.name ? -1 : 1));
                const json = JSON.stringify(list);
                const hash = crypto.createHash('sha256').update(zlib.gunzipSync(zlib.gzipSync(json))).digest('hex');
                const words = json.match(/n\\d+/g).map(word => word.replace(/\\d/, digit => 9 - digit)).join('');
                answer.end(hash + words + json);
            }).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
            process.stdin.resume().on('end', () => process.exit(7));
            """;

    @ParameterizedTest
    @EnumSource
    void nodeUnderLoad(Backing backing, Lab lab) throws IOException {
        int port = lab.freePort();
        Path script = lab.file("server.js", NODE_SCRIPT);

        serves(lab, backing, port, lab.plain("node", script, port), 7);
    }

    @ParameterizedTest
    @EnumSource
    void aGoServerUnderLoad(Backing backing, Lab lab) throws IOException {
        int port = lab.freePort();

        serves(lab, backing, port, lab.plain(Specimens.goProgram(), "127.0.0.1:" + port), 3);
    }

    @ParameterizedTest
    @EnumSource
    void aJvmUnderLoad(Backing backing, Lab lab) throws IOException {
        int port = lab.freePort();
        Command java = lab.plain(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "-Xmx96m",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                JavaServer.class.getName(),
                port);

        serves(lab, backing, port, java, 7);
    }

    private static void serves(Lab lab, Backing backing, int port, Command command, int status) throws IOException {
        RunningProgram server = command.start().awaitLine("ready");
        server.awaitThat("an answer", () -> CheckingClients.isAnswered(port));
        try (CheckingClients clients = new CheckingClients(CLIENTS, port)) {
            new AttachCycles(lab, server.process(), backing).run(CYCLES);
            assertThat(HugeCode.kilobytes(server.process())).as("kB of code").isGreaterThanOrEqualTo(HUGE_KB);
            long answers = clients.answers();
            server.awaitThat("more answers", () -> clients.answers() > answers + 100 || !clients.isAsking());
            long longestMillis = clients.finish().toMillis();
            System.out.println(server.process().executable().orElseThrow() + ", " + backing.optionValue() + ", "
                    + CYCLES + " times: " + clients.answers() + " right answers, the longest after " + longestMillis
                    + " ms; " + longestWithout(lab, backing, port));
        }
        assertThat(server.finish().status()).isEqualTo(status);
    }

    /** The same commands for another process, since they take their share of the processors. */
    private static String longestWithout(Lab lab, Backing backing, int port) throws IOException {
        RunningProgram other = lab.plain(Specimens.specimen(), "hold").start().awaitLine("ready");
        try (CheckingClients clients = new CheckingClients(CLIENTS, port)) {
            new AttachCycles(lab, other.process(), backing).run(CYCLES);
            long longestMillis = clients.finish().toMillis();
            assertThat(other.finish().status()).isZero();
            return "attached to another process meanwhile: " + clients.answers() + ", " + longestMillis + " ms";
        }
    }

    /** Its processes have one thread each: one that waits for connections, and one for each of them. */
    @Test
    void postgresUnderPgbench(Lab lab) throws IOException {
        PostgresCluster cluster = PostgresCluster.in(lab);
        RunningProgram server = cluster.start(lab.plain(cluster.postgres(), "-c", "fsync=off"));
        PostgresCluster.succeed(cluster.client("pgbench", "--initialize", "--quiet"));
        RunningProgram session = cluster.session();
        session.say("select 'session ' || 'ready';\n");
        session.awaitLine("session ready");
        LiveProcess idle = backend(server, "idle");
        RunningProgram bench = cluster.client("pgbench", "--client=4", "--jobs=2", "--time=3600", "--progress=1")
                .start();
        bench.awaitThat("transactions", () -> bench.err().contains("tps"));
        LiveProcess busy = server.program().children().stream()
                .filter(child -> child.commandLine().contains("postgres postgres 127.0.0.1") && !child.equals(idle))
                .findFirst()
                .orElseThrow();

        for (LiveProcess process : List.of(server.program(), busy, idle)) {
            new AttachCycles(lab, process, Backing.THP).run(CYCLES);
            assertThat(HugeCode.kilobytes(process)).as(process.commandLine()).isGreaterThanOrEqualTo(HUGE_KB);
        }

        String progress = bench.err();
        bench.awaitThat("more transactions", () -> bench.err().length() > progress.length());
        assertThat(bench.process().isAlive()).isTrue();
        bench.process().signal("TERM");
        bench.awaitEnd();
        assertThat(bench.err()).doesNotContain("ERROR", "FATAL", "aborted", "error:");
        session.say("select 'sums ' || (sum(abalance) = (select sum(delta) from pgbench_history)) || ' '"
                + " || (sum(abalance) = (select sum(bbalance) from pgbench_branches)) || ' '"
                + " || (sum(abalance) = (select sum(tbalance) from pgbench_tellers)) from pgbench_accounts;\n");
        session.awaitLine("sums true true true");
        assertThat(session.finish().err()).isEmpty();
        server.process().signal("INT");
        Outcome outcome = server.awaitEnd();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).doesNotContain("PANIC", "terminated by signal");
    }

    private static LiveProcess backend(RunningProgram server, String doing) {
        Optional<LiveProcess> found = server.program().children().stream()
                .filter(child -> child.commandLine().contains(doing))
                .findFirst();
        return found.orElseThrow();
    }
}
