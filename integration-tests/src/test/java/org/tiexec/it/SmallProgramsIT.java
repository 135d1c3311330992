package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Programs with less than 2 MB of aligned code run as if we were not there. */
@InLab
final class SmallProgramsIT {
    @ParameterizedTest
    @ValueSource(strings = {"/bin/true", "/bin/false", "ls"})
    void runAsPlain(String program, Lab lab) {
        assertThat(lab.traced(program, "/etc/hostname").run())
                .isEqualTo(lab.plain(program, "/etc/hostname").run());
    }

    @Test
    void areSaidToLeaveNothingToDo(Lab lab) {
        Outcome traced = lab.tracer("-v").of("ls", "/etc/hostname").run();

        assertThat(traced.out()).isEqualTo("/etc/hostname\n");
        assertThat(traced.err()).contains("nothing to do");
    }

    @Test
    void areNoFailureWhenEverythingIsDemanded(Lab lab) {
        assertThat(lab.tracer("--strict", "--backing=hugetlb")
                        .of("ls", "/etc/hostname")
                        .run())
                .isEqualTo(new Outcome(0, "/etc/hostname\n", ""));
    }

    @Test
    void takeThePlaceOfTheTracerSoThatNoHelperIsStarted(Lab lab) {
        RunningProgram small =
                lab.traced(Specimens.smallSpecimen(), "hold").start().awaitLine("ready");

        assertThat(small.program()).isEqualTo(small.process());
        assertThat(small.process().tree()).containsExactly(small.process());
        small.finish();
    }
}
