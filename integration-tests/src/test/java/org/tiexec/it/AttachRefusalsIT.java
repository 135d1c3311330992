package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.Freezer;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.it.support.User;

/** What cannot be attached to is refused with the reason in one line, and stays as it was. */
@InLab
final class AttachRefusalsIT {
    private static final Set<Character> STOPPED = Set.of('T');

    @Test
    void theProcessOfAnotherUser(Lab lab) {
        RunningProgram program = held(lab);
        Command attach = lab.attach("--backing=thp").to(program).as(User.NOBODY);

        assertRefused(attach, "permitted");

        assertUnharmed(program);
    }

    @Test
    void aProcessThatStraceTraces(Lab lab) {
        RunningProgram program = held(lab);
        RunningProgram strace = lab.plain(
                        "strace", "-o", "/dev/null", "-p", program.process().pid())
                .start();
        strace.awaitThat("attached", () -> strace.err().contains(" attached"));

        assertRefused(
                lab.attach("--backing=thp").to(program),
                "strace",
                Long.toString(strace.process().pid()));

        assertThat(program.process().status("TracerPid"))
                .isEqualTo(Long.toString(strace.process().pid()));
        strace.process().signal("TERM");
        strace.awaitEnd();
        // and afterwards it can be done
        assertThat(lab.attach("--backing=thp").to(program).run()).isEqualTo(new Outcome(0, "", ""));
        assertUnharmed(program);
    }

    @Test
    void aProcessThatADebuggerHasStopped(Lab lab) {
        RunningProgram program = held(lab);
        RunningProgram gdb =
                lab.plain("gdb", "--nx", "-q", "-p", program.process().pid()).start();
        gdb.say("shell echo attached\n");
        gdb.awaitThat("attached", () -> gdb.out().contains("attached\n"));

        assertRefused(
                lab.attach("--backing=thp").to(program),
                "gdb",
                Long.toString(gdb.process().pid()));

        gdb.say("detach\nquit\n");
        assertThat(gdb.awaitEnd().status()).isZero();
        assertUnharmed(program);
    }

    @Test
    void a32BitProgram(Lab lab) {
        RunningProgram program = lab.plain(Specimens.waiting32()).start().awaitLine("ready");

        assertRefused(lab.attach("--backing=thp").to(program), "32-bit");

        assertThat(program.finish()).isEqualTo(new Outcome(5, "ready\n", ""));
    }

    @Test
    void aZombie(Lab lab) {
        // perl waits for its input, not for its child
        RunningProgram parent = lab.plain(
                        "perl",
                        "-e",
                        "$| = 1; my $child = fork // die; exit 0 unless $child; print \"$child\\n\"; <STDIN>; wait")
                .start();
        parent.awaitThat(
                "a zombie", () -> parent.process().children().stream().anyMatch(child -> child.state() == 'Z'));
        LiveProcess zombie = parent.process().children().get(0);

        assertRefused(lab.attach("--backing=thp").to(zombie), "zombie");

        assertThat(zombie.state()).isEqualTo('Z');
        assertThat(parent.finish().status()).isZero();
    }

    @Test
    void aKernelThread(Lab lab) {
        assertRefused(lab.attach("--backing=thp").to(2), "kernel thread");
    }

    /** Nothing that it is asked would ever be answered. */
    @Test
    void aProcessInAFrozenControlGroup(Lab lab) {
        RunningProgram program = held(lab);
        try (Freezer freezer = new Freezer(lab)) {
            freezer.freeze(program.process());

            assertRefused(lab.attach("--backing=thp", "--timeout=2").to(program), "frozen");

            assertThat(freezer.isFrozen()).isTrue();
        }
        assertThat(program.process().status("TracerPid")).isEqualTo("0");
        assertUnharmed(program);
    }

    /** The kernel lets nobody stop its one thread until the child has executed something or ended. */
    @Test
    void aProcessThatWaitsForItsVforkedChild(Lab lab) {
        RunningProgram program = lab.plain(Specimens.churn(), "vforked").start().awaitLine("ready");
        program.awaitThat(
                "a thread that cannot be stopped", () -> program.process().state() == 'D');

        assertRefused(
                lab.attach("--backing=thp", "--timeout=2").to(program),
                Long.toString(program.process().pid()));

        assertThat(program.process().status("TracerPid")).isEqualTo("0");
        assertThat(program.finish().outLines()).last().isEqualTo("as it should be");
    }

    @Test
    void aStoppedProcessWhichStaysStopped(Lab lab) {
        RunningProgram program = held(lab);
        program.process().signal("STOP");
        program.awaitThat("stopped", () -> STOPPED.contains(program.process().state()));

        assertRefused(lab.attach("--backing=thp").to(program), "stopped");

        assertThat(program.process().state()).isEqualTo('T');
        program.process().signal("CONT");
        assertUnharmed(program);
    }

    @Test
    void itself(Lab lab) {
        Command attach = lab.plain("sh", "-c", "exec \"$@\" $$", "sh")
                .before(lab.attach("--backing=thp").to("").words().stream()
                        .filter(word -> !word.isEmpty())
                        .toArray());

        assertRefused(attach, "itself");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4194304999", "0", "-1", "self", "1x", ""})
    void whatIsNoProcess(String pid, Lab lab) {
        assertRefused(lab.attach("--backing=thp").to(pid), "");
    }

    @Test
    void aProcessThatIsGone(Lab lab) {
        RunningProgram program = held(lab);
        program.finish();

        assertRefused(
                lab.attach("--backing=thp").to(program),
                Long.toString(program.process().pid()),
                "no such process");
    }

    /** By the id of a thread that is not the first, a user means the process perhaps; what is done must be said. */
    @Test
    void aThreadOfAProcess(Lab lab) {
        RunningProgram program =
                lab.plain(Specimens.spinner(Linkage.PIE), 1).start().awaitLine("ready");
        long first = program.process().pid();
        long thread = program.process().threads().stream()
                .filter(id -> id != first)
                .findFirst()
                .orElseThrow();

        assertRefused(lab.attach("--backing=thp").to(thread), "thread", Long.toString(first));

        assertThat(program.finish().outLines()).last().isEqualTo("as it should be");
    }

    private static RunningProgram held(Lab lab) {
        return lab.plain(Specimens.specimen(Linkage.PIE), "hold", "check", "exit", "7")
                .start()
                .awaitLine("ready");
    }

    private static void assertUnharmed(RunningProgram program) {
        Outcome outcome = program.finish();
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(7);
        assertThat(outcome.out()).contains("text as in the file");
    }

    private static void assertRefused(Command attach, String... reasons) {
        Outcome outcome = attach.run();
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(125);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: ")
                .contains(reasons);
    }
}
