package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TextPages;

/** What a program starts after its launch, threads and children, runs on the same pages. */
@InLab
final class ForksAndThreadsIT {
    @ParameterizedTest
    @EnumSource
    void sixtyFourThreadsExecuteTheCodeAtTheSameTime(Backing backing, Lab lab) {
        lab.provide(backing);
        Object[] program = {Specimens.specimen(), "threads", "64", "hold", "check"};
        Outcome plain = lab.plain(program).run();

        RunningProgram traced = lab.traced(program).start().awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
    }

    @ParameterizedTest
    @EnumSource
    void childrenFindTheSameCode(Backing backing, Lab lab) {
        lab.provide(backing);
        Object[] program = {Specimens.specimen(), "fork", "10", "exit", "7"};

        assertThat(lab.tracer("--strict").of(program).run())
                .isEqualTo(lab.plain(program).run());
    }

    @ParameterizedTest
    @EnumSource
    void aChildSharesTheHugePagesOfItsParent(Backing backing, Lab lab) {
        lab.provide(backing);
        long usedBefore = lab.pool().used();
        RunningProgram traced =
                lab.traced(Specimens.specimen(), "forked", "hold").start().awaitLine("ready");

        List<LiveProcess> children = traced.program().children();
        assertThat(children).hasSize(1);
        TextPages.of(children.get(0)).assertWhollyOn(backing);
        traced.text().assertWhollyOn(backing);
        if (backing == Backing.HUGETLB) {
            assertThat(lab.pool().used() - usedBefore)
                    .as("pages for both")
                    .isEqualTo(traced.text().hugetlbKb() / 2048);
        }

        assertThat(traced.finish().status()).isZero();
    }
}
