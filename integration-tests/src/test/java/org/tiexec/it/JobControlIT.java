package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TerminalSession;

/** A person who uses bash with job control in a terminal sees the same with us as without us. */
@InLab
final class JobControlIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String UNTIL_IT_STOPS = "until [ -n \"$(jobs -s)\" ]; do :; done";
    private static final String UNTIL_IT_IS_NOT_STOPPED = "until [ -z \"$(jobs -s)\" ]; do :; done";
    private static final String CTRL_C = "\\x03";
    private static final String CTRL_Z = "\\x1a";
    private static final String CTRL_BACKSLASH = "\\x1c";

    /** Does the same twice, with the program alone and traced. */
    private static void assertTheSameScreen(Lab lab, Consumer<TerminalSession> person, String... program) {
        Object[] words = new Object[program.length + 1];
        words[0] = Specimens.listener();
        System.arraycopy(program, 0, words, 1, program.length);

        String plain = screen(lab, person, lab.plain(words));
        String traced =
                screen(lab, person, lab.tracer("--strict", "--backing=thp").of(words));

        assertThat(traced).isEqualTo(plain);
        assertThat(plain).endsWith("\n[exited with 42]\n");
    }

    private static String screen(Lab lab, Consumer<TerminalSession> person, Command command) {
        TerminalSession session = TerminalSession.withBash(lab, command);
        person.accept(session);
        session.type("exit 42\\n").awaitEnd();
        return session.screen();
    }

    @Test
    void stoppingContinuingResizingAndInterruptingLookTheSame(Lab lab) {
        assertTheSameScreen(
                lab,
                person -> {
                    person.type("PROGRAM\\n").see("ready");
                    person.resize(30, 100).see("size 30 100");
                    person.type("one\\n").see("after 0 continuations: one");
                    person.type(CTRL_Z).see("Stopped").see("$ ");
                    person.ask("echo $?").ask("jobs -l").ask("bg").ask("jobs -l");
                    person.type("fg\\n").see("terminal\n");
                    person.type("two\\n").see("after 1 continuations: two");
                    person.resize(31, 101).see("size 31 101");
                    person.type(CTRL_Z).see("Stopped").see("$ ");
                    person.type("fg\\n").see("terminal\n");
                    person.type("three\\n").see("after 2 continuations: three");
                    person.type(CTRL_C).see("$ ");
                    person.ask("echo $?").ask("jobs -l");
                },
                "terminal");
    }

    @Test
    void manyStopsInARowLookTheSame(Lab lab) {
        assertTheSameScreen(
                lab,
                person -> {
                    person.type("PROGRAM\\n").see("ready");
                    for (int round = 1; round <= 10; round++) {
                        person.type(CTRL_Z).see("Stopped").see("$ ");
                        person.type("fg\\n").see("terminal\n");
                        person.type("again\\n").see("after " + round + " continuations: again");
                    }
                    person.type(CTRL_C).see("$ ");
                },
                "terminal");
    }

    @Test
    void signallingJobsLooksTheSame(Lab lab) {
        assertTheSameScreen(
                lab,
                person -> {
                    person.type("PROGRAM &\\n").see("ready");
                    person.ask("kill -STOP %1; " + UNTIL_IT_STOPS + "; jobs -l");
                    person.ask("bg").ask("jobs -l");
                    person.ask("kill %1; wait %1; echo $?");
                    person.type("PROGRAM\\n").see("ready");
                    person.type(CTRL_Z).see("Stopped").see("$ ");
                    person.ask("kill %1; " + UNTIL_IT_IS_NOT_STOPPED + "; wait %1; echo $?");
                    person.ask("ulimit -c 0");
                    person.type("PROGRAM\\n").see("ready");
                    person.type(CTRL_BACKSLASH).see("Quit").see("$ ");
                    person.ask("echo $?");
                },
                "terminal");
    }

    @Test
    void aStopOfTheProgramAloneLooksTheSame(Lab lab) {
        assertTheSameScreen(
                lab,
                person -> {
                    person.type("PROGRAM\\n").see("ready");
                    person.program().signal("STOP");
                    person.see("Stopped").see("$ ");
                    person.ask("echo $?").ask("jobs -l");
                    person.type("fg\\n").see("terminal\n");
                    person.type("one\\n").see("after 1 continuations: one");
                    person.type(CTRL_C).see("$ ");
                },
                "terminal");
    }

    @Test
    void readingInTheBackgroundLooksTheSame(Lab lab) {
        assertTheSameScreen(
                lab,
                person -> {
                    person.ask("PROGRAM & " + UNTIL_IT_STOPS + "; jobs -l");
                    person.type("fg\\n").see("read\n");
                    person.type("a line\\n").see("got a line").see("$ ");
                    person.ask("echo $?");
                },
                "read");
    }

    @Test
    void writingInTheBackgroundLooksTheSameWhereTheTerminalForbidsIt(Lab lab) {
        assertTheSameScreen(
                lab,
                person -> {
                    person.ask("stty tostop");
                    person.ask("PROGRAM & " + UNTIL_IT_STOPS + "; jobs -l");
                    person.type("fg\\n").see("ready");
                    person.type("a line\\n").see("got a line").see("$ ");
                    person.ask("echo $?").ask("stty -tostop");
                },
                "read");
    }

    @Test
    void closingTheTerminalEndsTheProgramAndUs(Lab lab) {
        Outcome plain = hungUp(lab, lab.plain(Specimens.listener(), "terminal"));

        Outcome traced = hungUp(lab, lab.tracer("--strict", "--backing=thp").of(Specimens.listener(), "terminal"));

        assertThat(lastLine(traced)).isEqualTo(lastLine(plain)).isEqualTo("[killed by 1]");
    }

    private static Outcome hungUp(Lab lab, Command command) {
        TerminalSession session =
                TerminalSession.withBash(lab, command).type("PROGRAM\\n").see("ready");
        LiveProcess program = session.program();
        Outcome outcome = session.hangUp();
        Awaitility.await("the end of " + program).atMost(PATIENCE).until(() -> !program.isAlive());
        return outcome;
    }

    /** The kernel tells the leader of the session only. */
    @Test
    void closingTheTerminalReachesAProgramThatLeadsItsSessionOnce(Lab lab) throws IOException {

        String plain = signalsOfAHangUp(lab, "plain", lab.plain(Specimens.listener(), "hang-up"));
        String traced = signalsOfAHangUp(
                lab, "traced", lab.tracer("--strict", "--backing=thp").of(Specimens.listener(), "hang-up"));

        assertThat(traced).isEqualTo(plain).contains("HUP\n");
    }

    private static String signalsOfAHangUp(Lab lab, String name, Command command) throws IOException {
        Path signals = lab.directory().resolve(name);
        TerminalSession session =
                TerminalSession.inPlaceOfAShell(command.before(signals)).see("ready");
        assertThat(lastLine(session.hangUp())).isEqualTo("[exited with 0]");
        return Files.readString(signals);
    }

    private static String lastLine(Outcome outcome) {
        return outcome.outLines().get(outcome.outLines().size() - 1);
    }
}
