package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.AttachCycles;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.Gaps;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.it.support.TextPages;

/** Threads go on while the code that they execute is swapped, whether they begin, end, fork or execute meanwhile. */
@InLab
final class AttachThreadsIT {
    private static final int CYCLES = AttachCycles.count(2, 200);

    /** The exit comes at a random moment of a launch that takes about so long. */
    private static final int LONGEST_MICROS_TO_EXIT = 600_000;

    /**
     * What any of them was kept from executing for is told beside the same without: equally many commands are run then,
     * for another process, since they take their share of the processors.
     */
    @ParameterizedTest
    @CsvSource({"64, HUGETLB, false", "64, THP, false", "2, THP, false", "8, THP, true"})
    void itIsExecutedAllTheTime(int threads, Backing backing, boolean stopAll, Lab lab) {
        RunningProgram other =
                lab.plain(Specimens.specimen(Linkage.PIE), "hold").start().awaitLine("ready");
        // else the tracer gets too little of the processors
        RunningProgram spinner = lab.plain(Specimens.spinner(Linkage.PIE), threads)
                .after("nice", "-n", "19")
                .start()
                .awaitLine("ready");
        String[] options = stopAll ? new String[] {"--stop-all"} : new String[0];
        Gaps gaps = new Gaps(spinner);

        AttachCycles cycles = new AttachCycles(lab, spinner.process(), backing, options);
        cycles.run(CYCLES);
        Gaps.Gap with = gaps.since();
        spinner.text().assertWhollyOn(backing);
        cycles.undo();
        gaps.since();
        long start = System.nanoTime();
        new AttachCycles(lab, other.process(), backing, options).run(CYCLES);
        gaps.letAlone(with.in().minusNanos(System.nanoTime() - start));
        Gaps.Gap without = gaps.since();

        System.out.println(threads + " threads, " + backing.optionValue() + (stopAll ? ", all stopped" : "") + ", "
                + CYCLES + " times: longest gap with attach " + with + "; without " + without);
        assertUnharmed(spinner.finish());
        assertThat(other.finish().status()).isZero();
    }

    /** What a program is that does not stay as it is. */
    @ParameterizedTest
    @ValueSource(strings = {"threads", "forks"})
    void threadsAndChildrenComeAndGo(String what, Lab lab) {
        RunningProgram program = niced(lab, what).awaitLine("ready");

        AttachCycles cycles = new AttachCycles(lab, program.process(), Backing.THP);
        cycles.run(CYCLES);
        program.text().assertWhollyOn(Backing.THP);

        assertUnharmed(program.finish());
    }

    /** To many, such a process looks like a zombie; whatever is made of it, it goes on. */
    @Test
    void itsFirstThreadHasEnded(Lab lab) {
        RunningProgram program = niced(lab, "leaderless").awaitLine("ready");
        assertThat(program.process().state()).isEqualTo('Z');
        LiveProcess other = new LiveProcess(program.process().threads().stream()
                .filter(thread -> thread != program.process().pid())
                .findFirst()
                .orElseThrow());

        Outcome outcome = lab.attach("--backing=thp").to(program).run();

        if (outcome.status() == 0) {
            TextPages.of(other).assertWhollyOn(Backing.THP);
        } else {
            assertThat(outcome.status()).as(outcome.toString()).isEqualTo(125);
            assertThat(outcome.errLines()).hasSize(1);
        }
        assertUnharmed(program.finish());
    }

    /** The code that it had is gone when it executes itself: what was begun cannot be done, and must do no harm. */
    @Test
    void itExecutesItselfAnew(Lab lab) {
        RunningProgram program = niced(lab, "execs").awaitLine("ready");
        TreeMap<Integer, Integer> statuses = new TreeMap<>();

        for (int attach = 0; attach < AttachCycles.count(4, 400); attach++) {
            Outcome outcome = lab.attach("--backing=thp").to(program).run();
            assertThat(outcome.status()).as(outcome.toString()).isIn(0, 125);
            assertThat(outcome.out()).isEmpty();
            assertThat(outcome.errLines()).as(outcome.toString()).hasSize(outcome.status() == 0 ? 0 : 1);
            statuses.merge(outcome.status(), 1, Integer::sum);
        }

        System.out.println("attach to a program that executes itself all the time, by status: " + statuses);
        assertUnharmed(program.finish());
    }

    @Test
    void itExitsMeanwhileWithItsOwnStatus(Lab lab) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TreeMap<Integer, Integer> statuses = new TreeMap<>();
        List<String> complaints = new ArrayList<>();

        for (int attach = 0; attach < AttachCycles.count(4, 400); attach++) {
            int micros = random.nextInt(LONGEST_MICROS_TO_EXIT);
            RunningProgram program = lab.plain(Specimens.churn(), "exits", micros)
                    .after("nice", "-n", "19")
                    .start()
                    .awaitLine("ready");
            program.say("\n");
            Outcome outcome = lab.attach("--backing=thp").to(program).run();
            int status = program.awaitEnd().status();
            if (status != 7
                    || (outcome.status() != 0 && outcome.status() != 125)
                    || !outcome.out().isEmpty()) {
                complaints.add("after " + micros + " us: exits with " + status + ", attach: " + outcome);
            }
            statuses.merge(outcome.status(), 1, Integer::sum);
        }

        System.out.println("attach to a program that exits, seed " + seed + ", by status: " + statuses);
        assertThat(complaints).isEmpty();
    }

    private static RunningProgram niced(Lab lab, String what) {
        Command command = lab.plain(Specimens.churn(), what).after("nice", "-n", "19");
        return command.start();
    }

    private static void assertUnharmed(Outcome outcome) {
        assertThat(outcome.outLines()).as(outcome.toString()).last().isEqualTo("as it should be");
        assertThat(outcome.status()).isZero();
    }
}
