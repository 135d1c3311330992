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

/** A thread that is borrowed within a restartable sequence starts that anew: what it counts stays right. */
@InLab
final class AttachRseqIT {
    private static final int CYCLES = AttachCycles.count(3, 1000);

    /** The longer the sequence, the more surely a thread is within it; it must still be shorter than a time slice. */
    @ParameterizedTest
    @CsvSource({"8, 20000", "2, 20000"})
    void countersOfEachProcessorStayExact(int threads, int spins, Lab lab) {
        RunningProgram program = lab.plain(Specimens.percpu(), threads, spins)
                .after("nice", "-n", "19")
                .start()
                .awaitLine("ready");

        new AttachCycles(lab, program.process(), Backing.THP).run(CYCLES);
        program.text().assertWhollyOn(Backing.THP);

        Outcome outcome = program.finish();
        System.out.println(threads + " threads, " + CYCLES + " times: " + outcome.out());
        assertThat(outcome.outLines()).as(outcome.toString()).last().isEqualTo("as it should be");
        assertThat(outcome.status()).isZero();
    }
}
