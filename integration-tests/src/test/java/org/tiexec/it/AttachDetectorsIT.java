package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Blocker;
import org.tiexec.it.support.Gaps;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;

/** What the programs of the other tests for attach are worth: they notice the damage that other tracers do. */
@InLab
final class AttachDetectorsIT {
    private static final long TIMEOUT_MILLIS = 15_000;

    /** As strace does, by PTRACE_SEIZE and PTRACE_INTERRUPT. */
    @Test
    void aBlockerNoticesThatItsCallWasInterrupted(Lab lab) {
        List<Blocker> blockers = new ArrayList<>();
        for (String call : Blocker.calls(lab)) {
            if (AttachBlockingCallsIT.NOT_RESTARTED.contains(call) || !Blocker.isTimed(call)) {
                blockers.add(Blocker.start(lab, call, false, TIMEOUT_MILLIS));
            }
        }
        Set<String> disturbed = new TreeSet<>();
        for (Blocker blocker : blockers) {
            blocker.awaitBlocked();
            interrupt(lab, blocker.program());
            if (blocker.complaint().isPresent()) {
                disturbed.add(blocker.call());
            }
        }
        assertThat(disturbed).containsExactlyInAnyOrderElementsOf(AttachBlockingCallsIT.NOT_RESTARTED);
    }

    /** A timeout that begins anew ends too late. */
    @Test
    void aBlockerNoticesThatItsTimeoutBeganAnew(Lab lab) {
        Blocker blocker = Blocker.start(lab, "nanosleep-timed", false, 1000).awaitBlocked();

        Outcome debugger = gdb(
                lab,
                blocker.program(),
                "catch syscall nanosleep",
                // the first stop is the restart of the call, whose remaining time is not in its own argument
                "set $rax = 35",
                "set $rip = $rip - 2",
                "set $orig_rax = -1",
                "set *(long *)$rdi = 4");

        assertThat(blocker.complaint())
                .as(debugger.toString())
                .get()
                .asString()
                .contains("wrong: it returned too late");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$rbx = 1", "$r15 = 1", "$rax = 1", "$r11 = 1", "$eflags = 0x202", "$xmm3.uint128 = 1"})
    void aBlockerNoticesAChangedRegister(String change, Lab lab) {
        Blocker blocker = Blocker.start(lab, "registers-running", false, 0).awaitBlocked();

        gdb(lab, blocker.program(), "set " + change);

        assertThat(blocker.complaint()).get().asString().contains("wrong: ");
    }

    @Test
    void aBlockerNoticesAChangeOfWhatLiesBelowItsStack(Lab lab) {
        Blocker blocker = Blocker.start(lab, "registers-running", false, 0).awaitBlocked();

        gdb(lab, blocker.program(), "set *(long *)($rsp - 104) = 1");

        assertThat(blocker.complaint()).get().asString().contains("wrong: the red zone at -104");
    }

    @Test
    void aSpinnerNoticesAWrongBlockOfCode(Lab lab) {
        RunningProgram spinner =
                lab.plain(Specimens.spinner(Linkage.PIE), 2).start().awaitLine("ready");

        gdb(lab, spinner, "set *((char *)&code_blocks + 50 * 65536 + 1) += 1");

        Outcome outcome = spinner.finish();
        assertThat(outcome.status()).isEqualTo(98);
        assertThat(outcome.out()).contains("wrong: block 50 returned");
    }

    @Test
    void aSpinnerNoticesHowLongItWasStopped(Lab lab) {
        Duration time = Duration.ofMillis(700);
        RunningProgram spinner =
                lab.plain(Specimens.spinner(Linkage.PIE), 2).start().awaitLine("ready");
        Gaps gaps = new Gaps(spinner);

        spinner.process().signal("STOP");
        gaps.letAlone(time);
        spinner.process().signal("CONT");

        assertThat(gaps.since().longest()).isGreaterThanOrEqualTo(time);
        assertThat(spinner.finish().status()).isZero();
    }

    /** A byte that is not executed. */
    @Test
    void aSpinnerNoticesThatItsCodeIsNotThatOfItsFile(Lab lab) {
        RunningProgram spinner =
                lab.plain(Specimens.spinner(Linkage.PIE), 2).start().awaitLine("ready");

        gdb(lab, spinner, "set *((char *)&code_blocks + 50 * 65536 + 1000) += 1");

        Outcome outcome = spinner.finish();
        assertThat(outcome.status()).isEqualTo(98);
        assertThat(outcome.out()).contains("differs from the file");
    }

    /** A debugger that calls a function of the program goes back into the middle of a restartable sequence. */
    @Test
    void aCounterNoticesThatItsSequenceWasNotStartedAnew(Lab lab) {
        RunningProgram counter =
                lab.plain(Specimens.percpu(), 8, 50_000).start().awaitLine("ready");

        for (int i = 0; i < 5; i++) {
            gdb(lab, counter, "thread 3", "call (int) getpid()");
        }

        Outcome outcome = counter.finish();
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(98);
        assertThat(outcome.out()).contains("wrong: the counters sum up to");
    }

    /** Of a timer's signals as many as could be due at the end; of the others, one. */
    @ParameterizedTest
    @CsvSource({"SIG35, 1", "SIG36, 5", "SIGUSR1, 1"})
    void aSignalledProgramNoticesThatSomeWereSwallowed(String signal, int count, Lab lab) {
        RunningProgram program =
                lab.plain(Specimens.signalled(), "alone").start().awaitLine("ready");
        List<String> commands =
                new ArrayList<>(List.of("handle all nostop noprint pass", "handle " + signal + " stop nopass"));
        commands.addAll(Collections.nCopies(count, "continue"));

        // what it stopped for last is what it does not pass on when it detaches
        gdb(lab, program, commands.toArray(String[]::new));

        Outcome outcome = program.finish();
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(98);
        assertThat(outcome.out()).contains("wrong: ");
    }

    private static void interrupt(Lab lab, RunningProgram program) {
        RunningProgram strace = lab.plain(
                        "strace", "-o", "/dev/null", "-p", program.process().pid())
                .start();
        strace.awaitThat("attached", () -> strace.err().contains(" attached"));
        strace.process().signal("TERM");
        strace.awaitEnd();
    }

    private static Outcome gdb(Lab lab, RunningProgram program, String... commands) {
        List<Object> words = new ArrayList<>(
                List.of("gdb", "--batch", "--nx", "-p", program.process().pid()));
        for (String command : commands) {
            words.add("-ex");
            words.add(command);
        }
        return lab.plain(words.toArray()).run();
    }
}
