package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.AttachCycles;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.CheckedServer;
import org.tiexec.it.support.HugeCode;
import org.tiexec.it.support.InLab;
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
    private static final int CYCLES_TO_COMPARE = AttachCycles.count(2, 50);
    private static final int CLIENTS = 4;
    private static final long HUGE_KB = 2048;

    static Stream<Arguments> servers() {
        return Stream.of(CheckedServer.Kind.values())
                .flatMap(kind -> Stream.of(Backing.values()).map(backing -> Arguments.of(kind, backing)));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void aServerUnderLoad(CheckedServer.Kind kind, Backing backing, Lab lab) throws IOException {
        try (CheckedServer server = CheckedServer.start(lab, kind, CLIENTS)) {
            new AttachCycles(lab, server.process(), backing).run(CYCLES);
            assertThat(HugeCode.kilobytes(server.process())).as("kB of code").isGreaterThanOrEqualTo(HUGE_KB);
            server.awaitAnswers(100);
            long longestMillis = server.finish().toMillis();
            System.out.println(kind + ", " + backing.optionValue() + ", " + CYCLES + " times: " + server.answers()
                    + " right answers, the longest after " + longestMillis + " ms; "
                    + withoutAttach(lab, kind, backing));
        }
    }

    /** The same commands for another process, since they take their share of the processors. */
    private static String withoutAttach(Lab lab, CheckedServer.Kind kind, Backing backing) throws IOException {
        RunningProgram other = lab.plain(Specimens.specimen(), "hold").start().awaitLine("ready");
        try (CheckedServer server = CheckedServer.start(lab, kind, CLIENTS)) {
            new AttachCycles(lab, other.process(), backing).run(CYCLES_TO_COMPARE);
            long longestMillis = server.finish().toMillis();
            assertThat(other.finish().status()).isZero();
            return "of one that was let alone, " + CYCLES_TO_COMPARE + " times: " + server.answers() + ", "
                    + longestMillis + " ms";
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
