package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.it.support.AttachCycles;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Every signal that arrives meanwhile arrives once, in order, with what it carries, on the stack that it should. */
@InLab
final class AttachSignalsIT {
    private static final int CYCLES = AttachCycles.count(3, 1000);

    @ParameterizedTest
    @CsvSource({"alone, THP", "threads, THP", "alone, HUGETLB"})
    void noSignalIsLostOrRepeated(String what, Backing backing, Lab lab) {
        RunningProgram program = lab.plain(Specimens.signalled(), what).start().awaitLine("ready");

        new AttachCycles(lab, program.process(), backing).run(CYCLES);
        program.text().assertWhollyOn(backing);

        Outcome outcome = program.finish();
        System.out.println(what + ", " + CYCLES + " times: " + outcome.out());
        assertThat(outcome.outLines()).as(outcome.toString()).last().isEqualTo("as it should be");
        assertThat(outcome.status()).isZero();
    }
}
