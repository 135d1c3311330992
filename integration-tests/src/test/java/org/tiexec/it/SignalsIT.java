package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.HeldAnswers;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Who signals the tracer signals the program. */
@InLab
final class SignalsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void eachSignalReachesTheProgramOnce(Lab lab) {
        lab.provide(Backing.HUGETLB);
        // a JVM, which this test is, has SIGQUIT blocked, and so have its children
        RunningProgram traced = lab.tracer("--launch=child", "--strict")
                .of(Specimens.specimen(), "signals")
                .after(Specimens.under(), "no-blocked-signals")
                .start()
                .awaitLine("ready");
        List<String> signals = List.of("TERM", "HUP", "USR1", "USR2", "INT", "QUIT", "CONT", "WINCH");

        for (String signal : signals) {
            traced.process().signal(signal);
            traced.awaitLine(signal);
        }

        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.outLines())
                .containsAll(signals.stream().map(signal -> signal + " 1 times").toList());
    }

    @Test
    void eachSignalToTheGroupReachesTheProgramOnce(Lab lab) {
        lab.provide(Backing.HUGETLB);
        RunningProgram traced = lab.tracer("--launch=child", "--strict")
                .of(Specimens.specimen(), "signals")
                .after(IN_A_GROUP_OF_ITS_OWN)
                .after(Specimens.under(), "no-blocked-signals")
                .start()
                .awaitLine("ready");
        List<String> signals = List.of("TERM", "HUP", "USR1", "USR2", "INT", "QUIT", "CONT", "WINCH");

        for (String signal : signals) {
            traced.process().signalGroup(signal);
            traced.awaitLine(signal);
        }

        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.outLines())
                .containsAll(signals.stream().map(signal -> signal + " 1 times").toList());
    }

    /** It was meant for the program that the starter becomes. */
    @Test
    void anAlarmThatWasSetBeforeTheLaunchReachesTheProgram(Lab lab) {
        Outcome outcome = lab.tracer("--launch=child")
                .of(Specimens.specimen(), "hold")
                .after("perl", "-e", "alarm 2; exec { $ARGV[0] } @ARGV or die")
                .start()
                .awaitLine("ready")
                .awaitEnd();

        assertThat(outcome.status()).isEqualTo(128 + 14);
    }

    /** Alone, it would have signalled whoever started us. */
    @Test
    void whatTheProgramSendsItsParentDoesNotComeBackToIt(Lab lab) {
        RunningProgram traced = lab.tracer("--launch=child", "--strict")
                .of(Specimens.specimen(), "tell-parent", "10", "signals")
                .start()
                .awaitLine("ready");

        traced.process().signal("USR2");
        traced.awaitLine("USR2");

        assertThat(traced.finish().outLines()).contains("USR2 1 times").noneMatch(line -> line.startsWith("USR1"));
    }

    /** Someone may take it for what it looks like, a forgotten sleep. */
    @Test
    void theEndOfTheWitnessIsMadeGood(Lab lab) {
        RunningProgram traced = lab.tracer("--launch=child")
                .of(Specimens.specimen(), "signals")
                .after(IN_A_GROUP_OF_ITS_OWN)
                .after(Specimens.under(), "no-blocked-signals")
                .start()
                .awaitLine("ready");
        LiveProcess program = traced.program();
        LiveProcess witness = Awaitility.await("the helper to be gone, the witness to be left")
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> traced.process().children().stream()
                                .filter(child -> !child.equals(program))
                                .toList(),
                        others -> others.size() == 1)
                .get(0);

        witness.signal("KILL");
        traced.process().signal("USR1");
        traced.awaitLine("USR1");
        traced.process().signalGroup("TERM");
        traced.awaitLine("TERM");
        traced.process().signal("USR2");
        traced.awaitLine("USR2");

        assertThat(traced.finish().outLines()).contains("USR1 1 times", "TERM 1 times", "USR2 1 times");
    }

    /** The terminal sends it to the whole group, the tracer included. */
    @Test
    void anInterruptFromTheTerminalReachesTheProgramOnce(Lab lab) {
        Command traced = lab.tracer("--launch=child").of(Specimens.specimen(), "signals");
        String line = "'" + String.join("' '", traced.words()) + "'";
        RunningProgram terminal =
                lab.plain("script", "-qec", line, "/dev/null").start().awaitLine("ready");

        terminal.say("\003");
        terminal.awaitThat("the interrupt", () -> terminal.out().contains("INT"));
        terminal.say("\004");

        assertThat(terminal.finish().out()).contains("INT 1 times");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP", "USR1"})
    void aSignalThatTheProgramDoesNotCatchEndsBothOfThem(String signal, Lab lab) {
        Outcome plain = endedBy(signal, lab.plain(Specimens.specimen(), "hold").start());

        Outcome traced = endedBy(
                signal,
                lab.tracer("--launch=child").of(Specimens.specimen(), "hold").start());

        assertThat(traced).isEqualTo(plain);
    }

    private static Outcome endedBy(String signal, RunningProgram program) {
        program.awaitLine("ready").process().signal(signal);
        return program.awaitEnd();
    }

    /** How far a launch may be when a signal arrives. */
    enum Moment {
        BEFORE_THE_PLAN("hello"),
        BEFORE_THE_CHANGE("plan"),
        IN_THE_MIDDLE_OF_THE_CHANGE("done");

        private final String heldMessage;

        Moment(String heldMessage) {
            this.heldMessage = heldMessage;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSignalDuringTheLaunchReachesTheProgram(Moment moment, Lab lab) {
        lab.provide(Backing.HUGETLB);
        HeldAnswers answers = new HeldAnswers(lab, moment.heldMessage);
        RunningProgram traced = answers.tracer("--launch=child", "--strict")
                .of(Specimens.specimen(), "hold")
                .start();
        answers.await();

        traced.process().signal("TERM");
        answers.release();

        Outcome outcome = traced.awaitEnd();
        assertThat(outcome.status()).isEqualTo(128 + 15);
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void aStoppedProgramStopsTheTracerAndBothContinue(Lab lab) {
        assertStopsAndContinues(lab, "STOP", RunningProgram::program);
    }

    @Test
    void aTerminalStopOfTheTracerStopsTheProgramToo(Lab lab) {
        assertStopsAndContinues(lab, "TSTP", RunningProgram::process);
    }

    /**
     * As a shell with job control starts it. Nothing in a group without a parent in another group of the session can be
     * stopped by SIGTSTP, which is how a test without a terminal may run.
     */
    private static final Object[] IN_A_GROUP_OF_ITS_OWN = {"perl", "-e", "setpgrp(0, 0); exec { $ARGV[0] } @ARGV or die"
    };

    private static void assertStopsAndContinues(
            Lab lab, String signal, Function<RunningProgram, LiveProcess> receiver) {
        RunningProgram traced = lab.tracer("--launch=child")
                .of(Specimens.specimen(), "hold")
                .after(IN_A_GROUP_OF_ITS_OWN)
                .start()
                .awaitLine("ready");
        LiveProcess program = traced.program();

        for (int round = 0; round < 3; round++) {
            receiver.apply(traced).signal(signal);
            awaitState(program, 'T');
            awaitState(traced.process(), 'T');
            traced.process().signal("CONT");
            awaitState(program, 'S');
            awaitState(traced.process(), 'S');
        }

        assertThat(traced.finish()).isEqualTo(new Outcome(0, "ready\n", ""));
    }

    private static void awaitState(LiveProcess process, char state) {
        Awaitility.await(process + " in state " + state).atMost(PATIENCE).until(() -> process.state() == state);
    }
}
