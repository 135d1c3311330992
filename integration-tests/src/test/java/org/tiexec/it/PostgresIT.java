package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PostgresCluster;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.TextPages;

/** A PostgreSQL server and the processes that it forks work on 2 MB pages. */
@InLab
final class PostgresIT {
    @ParameterizedTest
    @EnumSource
    void itsServerAndItsForkedBackendsWorkOnHugePages(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        PostgresCluster cluster = PostgresCluster.in(lab);

        RunningProgram server = cluster.start(lab.traced(cluster.postgres()));

        server.text().assertWhollyOn(backing);
        PostgresCluster.succeed(cluster.client("pgbench", "--initialize", "--quiet"));
        Outcome bench = PostgresCluster.succeed(cluster.client("pgbench", "--client=4", "--jobs=2", "--time=3"));
        assertThat(bench.out()).contains("number of failed transactions: 0 (0.000%)");

        RunningProgram session = cluster.session();
        session.say("select 'backend ' || 'ready';\n");
        session.awaitLine("backend ready");
        List<LiveProcess> children = server.program().children();
        assertThat(children).anyMatch(child -> child.commandLine().contains("idle"));
        assertThat(children).allSatisfy(child -> TextPages.of(child).assertWhollyOn(backing));
        session.finish();

        server.process().signal("INT");
        assertThat(server.awaitEnd().status()).isZero();
    }
}
