package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** What {@code -v} tells is what smaps shows. */
@InLab
final class VerboseIT {
    @ParameterizedTest
    @EnumSource
    void itTellsThePagesBeforeAndAfter(Backing backing, Lab lab) {
        lab.provide(backing);

        RunningProgram traced =
                lab.tracer("-v").of(Specimens.specimen(), "hold").start().awaitLine("ready");
        long pages = traced.text().possibleKb() >> 11;
        traced.text().assertWhollyOn(backing);
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo("ready\n");
        assertThat(outcome.err())
                .contains("its code is on 2 MB pages", Specimens.specimen().toString(), backing.optionValue())
                .containsPattern("2 MB pages 0 -> " + pages + "\\b")
                .contains("(pid ", " " + 2 * pages + " MB of ")
                .containsPattern("time, ms: .*\\bplan \\d+\\.\\d, .*\\bexecute \\d+\\.\\d");
    }

    @Test
    void itTellsWhatWasNotDoneAndWhy(Lab lab) {
        lab.pool().provide(0);

        Outcome outcome = lab.tracer("-v", "--backing=hugetlb")
                .of(Specimens.specimen(), "say", "text")
                .run();

        assertThat(outcome.out()).isEqualTo("text\n");
        assertThat(outcome.err()).contains("not on 2 MB pages").containsPattern("not done: hugetlb: .*0 free");
    }

    @Test
    void itIsSilentWithoutIt(Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertThat(lab.traced(Specimens.specimen(), "say", "text").run()).isEqualTo(new Outcome(0, "text\n", ""));
    }
}
