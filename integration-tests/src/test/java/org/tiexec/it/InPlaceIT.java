package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.HeldAnswers;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Installation;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TracerRun;

/** Launched in place, the program is the very process that was started, and soon the only one. */
@InLab
final class InPlaceIT {
    private static final int SUPERVISED = Soak.IS_ON ? 200 : 20;

    @ParameterizedTest
    @EnumSource
    void theProgramIsTheProcessThatWasStarted(Backing backing, Lab lab) {
        lab.provide(backing);
        RunningProgram traced = inPlace(lab)
                .of(Specimens.specimen(), "check", "hold", "exit", "3")
                .start()
                .awaitLine("ready");

        assertThat(traced.program()).isEqualTo(traced.process());
        assertThat(traced.process().status("PPid"))
                .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        assertThat(traced.process().status("TracerPid")).isEqualTo("0");
        traced.text().assertWhollyOn(backing);
        assertThat(traced.finish().status()).isEqualTo(3);
    }

    @Test
    void soonNoOtherProcessIsLeft(Lab lab) {
        lab.provide(Backing.HUGETLB);
        RunningProgram traced =
                inPlace(lab).of(Specimens.specimen(), "hold").start().awaitLine("ready");

        Awaitility.await("the end of both JVMs")
                .atMost(Duration.ofSeconds(5))
                .until(() -> lab.processes().equals(List.of(traced.process())));
        assertThat(traced.process().children()).isEmpty();
        traced.text().assertWhollyOn(Backing.HUGETLB);
        assertThat(traced.finish().err()).isEmpty();
    }

    /** What a supervisor does: it waits, starts anew, tells to end. */
    @Test
    void aSupervisorSeesNoDifference(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path supervisor = lab.script("supervise", """
                #!/bin/sh
                # supervise TIMES READY COMMAND…: ends the command by TERM when it is ready, by itself every second time
                times=$1 ready=$2
                shift 2
                wrong=0
                exec 3<&0
                while [ "$times" -gt 0 ]; do
                    mkfifo "$ready"
                    "$@" >"$ready" <&3 3<&- &
                    pid=$!
                    read -r line <"$ready"
                    [ "$line" = ready ] || { echo "said $line"; wrong=$((wrong + 1)); }
                    expected=143
                    case $((times % 3)) in
                        0) kill -KILL "$pid"; expected=137 ;;
                        *) kill -TERM "$pid" ;;
                    esac
                    wait "$pid"
                    status=$?
                    [ "$status" -eq "$expected" ] || { echo "status $status"; wrong=$((wrong + 1)); }
                    rm "$ready"
                    times=$((times - 1))
                done
                echo "wrong: $wrong"
                """);

        Outcome outcome = inPlace(lab)
                .of(Specimens.specimen(), "hold")
                .after(supervisor, SUPERVISED, lab.directory().resolve("pipe"))
                .start()
                .awaitEnd(Duration.ofMinutes(5));

        assertThat(outcome.out()).isEqualTo("wrong: 0\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x=$(\"$@\"); echo \"$x\"",
                "\"$@\" | cat",
                "exec setsid -w \"$@\"",
                "\"$@\" <&-",
                "exec \"$@\" 3<&0 4>&1 5</dev/null"
            })
    void itWorksWhereverACommandDoes(String surroundings, Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome outcome = inPlace(lab)
                .of(Specimens.specimen(), "check", "say", "done")
                .after("sh", "-c", surroundings, "sh")
                .run();

        assertThat(outcome.out()).contains("text as in the file").endsWith("done\n");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
    }

    @Test
    void aPipelineLosesNothing(Lab lab) {
        lab.provide(Backing.HUGETLB);
        String tracer = Lab.root().resolve("tracer/bin/tracer") + " run --launch=in-place -- ";

        Outcome outcome = lab.plain(
                        "sh",
                        "-c",
                        "seq 1 2000000 | " + tracer + "cat | " + tracer + "sort -n | " + tracer
                                + "cksum; seq 1 2000000 | cksum")
                .run();

        assertThat(outcome.outLines()).hasSize(2);
        assertThat(outcome.outLines().get(0)).isEqualTo(outcome.outLines().get(1));
    }

    /** The tracer's death is as good as its word. */
    @Test
    void aTracerThatDiesBeforeItHoldsTheProgramLetsItRunPlain(Lab lab) {
        HeldAnswers answers = new HeldAnswers(lab, "hello");
        RunningProgram traced = answers.tracer("--launch=in-place")
                .of(Specimens.specimen(), "check", "hold", "exit", "4")
                .start();
        answers.await();

        traced.tracer().signal("KILL");
        traced.awaitLine("ready");
        answers.release();
        Outcome outcome = traced.finish();

        assertThat(outcome.status()).isEqualTo(4);
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .contains("the tracer ended before it could trace the program; the program runs without 2 MB pages");
    }

    @Test
    void aTracerThatHangsIsWaitedForOnlySoLong(Lab lab) {
        HeldAnswers answers = new HeldAnswers(lab, "hello");
        RunningProgram traced = answers.tracer("--launch=in-place")
                .of(Specimens.specimen(), "exit", "4")
                .start();
        answers.await();

        traced.tracer().signal("STOP");
        Outcome outcome = traced.finish();
        answers.release();

        assertThat(outcome.status()).isEqualTo(4);
        assertThat(outcome.errLines()).singleElement().asString().contains("the tracer ended before");
    }

    /** They wait for the program, which then finds them as it would have found them. */
    @Test
    void aSignalThatComesBeforeTheProgramIsThereIsTheProgramsOwn(Lab lab) {
        HeldAnswers answers = new HeldAnswers(lab, "hello");
        RunningProgram traced = answers.tracer("--launch=in-place")
                .of(Specimens.specimen(), "say", "never")
                .start();
        answers.await();

        traced.process().signal("USR1");
        assertThat(traced.process().isAlive()).isTrue();
        answers.release();

        Outcome outcome = traced.awaitEnd();
        assertThat(outcome.status()).isEqualTo(128 + 10);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void whereItIsNotPossibleTheProgramIsLaunchedAsAChild(Lab lab) {
        lab.provide(Backing.HUGETLB);

        RunningProgram traced = lab.traced(Specimens.specimen(), "check", "hold")
                .after(Specimens.under(), "subreaper")
                .start()
                .awaitLine("ready");

        assertThat(traced.program()).isNotEqualTo(traced.process());
        traced.text().assertWhollyOn(Backing.HUGETLB);
        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).isEmpty();
    }

    /** PR_SET_MDWE, and the same by seccomp, as systemd's MemoryDenyWriteExecute= does it. */
    @ParameterizedTest
    @ValueSource(strings = {"mdwe", "eperm:mprotect:2&4,eperm:mmap:2=7"})
    void whereNoJvmCanStartTheProgramRunsPlain(String restriction, Lab lab) {
        Outcome outcome = inPlace(lab)
                .of(Specimens.specimen(), "check", "exit", "6")
                .after(Specimens.under(), restriction)
                .run();

        assertThat(outcome.out()).contains("text as in the file");
        assertThat(outcome.status()).isEqualTo(6);
        assertThat(outcome.errLines())
                .last()
                .asString()
                .contains("the tracer ended before it could trace the program")
                .endsWith("; the program runs without 2 MB pages");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mdwe", "eperm:mprotect:2&4,eperm:mmap:2=7"})
    void whereNoJvmCanStartAStrictLaunchDoesNotRunTheProgram(String restriction, Lab lab) {
        Path trace = lab.directory().resolve("the program ran");

        Outcome outcome = lab.tracer("--launch=in-place", "--strict")
                .of(Specimens.specimen(), "touch", trace)
                .after(Specimens.under(), restriction)
                .run();

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
    }

    @Test
    void aHelperThatIsMissingIsNoObstacle(Lab lab) {
        Outcome outcome = Installation.withoutHelper(lab)
                .tracer("--launch=in-place")
                .of(Specimens.specimen(), "exit", "6")
                .run();

        assertThat(outcome.status()).isEqualTo(6);
        assertThat(outcome.errLines()).singleElement().asString().startsWith("tracer: ");
    }

    private static TracerRun inPlace(Lab lab) {
        return lab.tracer("--launch=in-place");
    }
}
