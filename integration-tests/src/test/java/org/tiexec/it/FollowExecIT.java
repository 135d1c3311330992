package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.User;

/** A command that becomes the program that is meant is seen through. */
@InLab
final class FollowExecIT {
    private static final Path SPECIMEN = Specimens.specimen();

    static Stream<List<Object>> commandsThatBecomeTheSpecimen() {
        return Stream.of(
                List.of("nice", "-n", "3", SPECIMEN, "hold"),
                List.of("env", "VARIABLE=value", SPECIMEN, "hold"),
                List.of("nohup", SPECIMEN, "hold"),
                List.of("setsid", SPECIMEN, "hold"),
                List.of("stdbuf", "-oL", SPECIMEN, "hold"),
                List.of("env", "-C", "/", "." + SPECIMEN, "hold"),
                List.of("env", "-u", "ls", SPECIMEN, "hold"),
                List.of("sh", "-c", "exec " + SPECIMEN + " hold"),
                List.of("sh", "-c", "cd / && exec ." + SPECIMEN + " hold"),
                List.of("sh", "-c", "PATH=" + SPECIMEN.getParent() + "; exec " + SPECIMEN.getFileName() + " hold"),
                List.of("bash", "-c", "echo before; " + SPECIMEN + " hold"),
                List.of("sh", "-c", "exec \"$@\"", "sh", "env", "nice", "bash", "-c", "exec " + SPECIMEN + " hold"));
    }

    @ParameterizedTest
    @MethodSource("commandsThatBecomeTheSpecimen")
    void whatACommandBecomesIsOnHugePages(List<Object> command, Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertOnHugePages(lab.tracer("--strict").of(command.toArray()), true);
        assertOnHugePages(lab.tracer("--strict", "--launch=child").of(command.toArray()), false);
    }

    private static void assertOnHugePages(Command command, boolean inPlace) {
        RunningProgram traced = command.becoming(SPECIMEN).start().awaitLine("ready");
        assertThat(traced.program().equals(traced.process())).isEqualTo(inPlace);
        traced.text().assertWhollyOn(Backing.HUGETLB);
        assertThat(traced.program().status("TracerPid")).isEqualTo("0");
        assertThat(traced.finish().status()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theServerThatAScriptEndsInIsOnHugePages(Backing backing, Lab lab) {
        lab.provide(backing);
        Path script =
                lab.script("script", "#!/bin/sh\nset -e\nready=1\n[ \"$ready\" ]\nexec " + SPECIMEN + " \"$@\"\n");

        RunningProgram traced = lab.tracer("--strict")
                .of(script, "hold", "exit", "7")
                .becoming(SPECIMEN)
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
    }

    /** Where it lies without randomisation, a multiple of 2 MB is within the code of bash, below which there is nothing. */
    @Test
    void aShellIsSeenThroughAlsoIfItCouldBeRoundedOutward(Lab lab) {
        lab.provide(Backing.HUGETLB);

        RunningProgram traced = lab.tracer("--strict", "--strategy=aggressive")
                .of("setarch", "-R", "bash", "-c", "exec " + SPECIMEN + " hold exit 7")
                .becoming(SPECIMEN)
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(Backing.HUGETLB);

        assertThat(traced.finish().status()).isEqualTo(7);
    }

    @Test
    void theInterpreterThatEnvFindsForAScriptIsOnHugePages(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path directory = Files.createDirectory(lab.directory().resolve("bin"));
        Path interpreter = Files.copy(SPECIMEN, directory.resolve("interpreter"));
        Path script = lab.script("script", "#!/usr/bin/env -S interpreter hold\n");

        RunningProgram traced = lab.tracer("--strict")
                .of(script)
                .with("PATH", directory + ":" + System.getenv("PATH"))
                .becoming(interpreter)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(Backing.HUGETLB);
        traced.finish();
    }

    /** What it has executed may be none that executes anything else: nothing is gained by waiting for that. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void aSmallProgramThatItBecomesIsNoLongerTraced(String launch, Lab lab) {
        RunningProgram traced = lab.tracer("--follow-for=600", "--launch=" + launch)
                .of("sh", "-c", "exec \"$0\" hold exit 7", Specimens.smallSpecimen())
                .becoming(Specimens.smallSpecimen())
                .start()
                .awaitLine("ready");

        traced.awaitThat(
                "nobody who traces it",
                () -> traced.program().status("TracerPid").equals("0"));
        assertThat(traced.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
    }

    /** It was not there when the calls of a launch were tried. */
    @Test
    void aFilterThatItInstallsOnTheWayDoesNotKillIt(Lab lab) {
        lab.provide(Backing.THP);

        Outcome outcome = lab.tracer("--follow=exec")
                .of("sh", "-c", "exec \"$@\"", "sh", Specimens.under(), "kill:mremap", SPECIMEN, "check", "exit", "7")
                .run();

        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(7);
        assertThat(outcome.errLines()).singleElement().asString().contains("it has installed a seccomp filter");
    }

    /** The next signal is about to be delivered at any moment. */
    @ParameterizedTest
    @ValueSource(strings = {"alone", "threads"})
    void noSignalIsLostWhenTheTracerIsKilled(String what, Lab lab) {
        RunningProgram traced = lab.tracer("--follow=tree", "--only=nothing")
                .of("sh", "-c", "exec \"$@\"", "sh", Specimens.signalled(), what)
                .becoming(Specimens.signalled())
                .start()
                .awaitLine("ready");
        assertThat(traced.program().status("TracerPid")).isNotEqualTo("0");

        traced.tracer().signal("KILL");

        traced.awaitThat(
                "nobody who traces it",
                () -> traced.program().status("TracerPid").equals("0"));
        Outcome outcome = traced.finish();
        assertThat(outcome.outLines()).as(outcome.toString()).last().isEqualTo("as it should be");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void realInterpretersOfScriptsDoTheSameAsPlain(Lab lab) {
        Path script = lab.script("script", "#!/usr/bin/env node\nconsole.log(process.argv.length)\nprocess.exit(3)\n");

        assertThat(lab.traced(script, "argument").run())
                .isEqualTo(lab.plain(script, "argument").run())
                .isEqualTo(new Outcome(3, "3\n", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exec true",
                "echo one; echo two >&2; exit 9",
                "kill -TERM $$",
                "kill -KILL $$",
                "trap 'echo caught; exit 4' INT; kill -INT $$",
                "yes | head -n 3",
                "exec /there/is/no/such/program",
            })
    void aShellThatBecomesNothingEndsAsPlain(String script, Lab lab) {
        Outcome plain = lab.plain("sh", "-c", script).fromShell().run();

        assertThat(lab.tracer("--follow=exec")
                        .of("sh", "-c", script)
                        .fromShell()
                        .run())
                .isEqualTo(plain);
        assertThat(lab.tracer("--follow=exec", "--launch=child")
                        .of("sh", "-c", script)
                        .fromShell()
                        .run())
                .isEqualTo(plain);
    }

    /** As for somebody who has kept root's. */
    @Test
    void aDirectoryOfThePathThatIsClosedToTheUserIsPassedBy(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path closed = Files.createDirectory(lab.directory().resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));

        RunningProgram traced = lab.tracer("--strict", "--follow=exec")
                .of("nice", "env", SPECIMEN, "hold")
                .with("PATH", closed + ":/usr/bin:/bin")
                .becoming(SPECIMEN)
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(Backing.THP);
        assertThat(traced.finish().status()).isZero();
    }

    @Test
    void anySmallProgramIsFollowedIfThatIsAskedFor(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path starter = Files.copy(Path.of("/usr/bin/env"), lab.directory().resolve("starter"));

        RunningProgram traced = lab.tracer("--strict", "--follow=exec")
                .of(starter, SPECIMEN, "hold")
                .becoming(SPECIMEN)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(Backing.HUGETLB);
        traced.finish();
    }

    @Test
    void withoutFollowingOnlyTheNamedProgramIsMeant(Lab lab) {
        lab.provide(Backing.HUGETLB);

        RunningProgram traced = lab.tracer("--strict", "--follow=none")
                .of("sh", "-c", "exec " + SPECIMEN + " hold")
                .becoming(SPECIMEN)
                .start()
                .awaitLine("ready");

        traced.text().assertOnSmallPages();
        traced.finish();
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo ready; read line", "echo ready; read line; ls -d /"})
    void aShellThatIsToldNothingOfThatKindStartsNoTracer(String script, Lab lab) {
        RunningProgram shell = lab.traced("sh", "-c", script).start().awaitLine("ready");

        assertThat(shell.tracerNow()).isEmpty();
        assertThat(shell.process().tree()).containsExactly(shell.process());
        shell.say("\n");
        assertThat(shell.finish().status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"--launch=in-place", "--launch=child"})
    void followingEndsInTime(String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path go = lab.fifo("go");

        RunningProgram traced = lab.tracer("--strict", "--follow-for=0.3", launch)
                .of("sh", "-c", "echo waiting; read line <\"$1\"; exec \"$0\" hold exit 8", SPECIMEN, go)
                .becoming(SPECIMEN)
                .start()
                .awaitLine("waiting");
        traced.awaitThat(
                "nobody traces",
                () -> lab.processes().stream()
                        .noneMatch(process -> !process.status("TracerPid").equals("0")
                                && process.status("Name").equals("sh")));
        assertThat(lab.plain("sh", "-c", "echo >\"$0\"", go).run().status()).isZero();
        traced.awaitLine("ready");

        traced.text().assertOnSmallPages();
        assertThat(traced.finish().status()).isEqualTo(8);
    }

    @Test
    void whatCannotBeHadIsNotRunIfItIsDemanded(Lab lab) {
        lab.pool().provide(0);
        Object[] command = {"sh", "-c", "echo shell; exec \"$0\" say program exit 6", SPECIMEN};

        Outcome strict = lab.tracer("--strict", "--backing=hugetlb").of(command).run();
        Outcome open = lab.tracer("--backing=hugetlb").of(command).run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(strict.out()).isEqualTo("shell\n");
        assertThat(strict.errLines()).singleElement().asString().contains(SPECIMEN.toString(), "was not run");
        assertThat(open.status()).isEqualTo(6);
        assertThat(open.out()).isEqualTo("shell\nprogram\n");
        assertThat(open.errLines()).singleElement().asString().contains(SPECIMEN.toString(), "without 2 MB pages");
    }

    @Test
    void whenTheTracerDiesTheCommandGoesOn(Lab lab) {
        Path go = lab.fifo("go");

        RunningProgram traced = lab.tracer("--follow=exec")
                .of("sh", "-c", "echo waiting; read line <\"$1\"; exec \"$0\" hold exit 8", SPECIMEN, go)
                .becoming(SPECIMEN)
                .start()
                .awaitLine("waiting");
        traced.tracer().signal("KILL");
        assertThat(lab.plain("sh", "-c", "echo >\"$0\"", go).run().status()).isZero();
        traced.awaitLine("ready");

        traced.text().assertOnSmallPages();
        assertThat(traced.finish().status()).isEqualTo(8);
    }

    @Test
    void theReportNamesTheProgramThatItIsAbout(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));

        Outcome traced = lab.tracer("-v", "--archive=" + archive)
                .of("nice", "env", SPECIMEN, "exit", "5")
                .run();

        assertThat(traced.status()).isEqualTo(5);
        assertThat(traced.errLines().get(0)).contains(SPECIMEN.toString(), "its code is on 2 MB pages");
        assertThat(Files.readString(Archives.awaitOnly(archive)))
                .contains("\"swapped\" : true", "\"program\" : \"" + SPECIMEN + "\"");
    }

    @Test
    void aCommandThatBecomesNothingIsSaidToHaveNothingToDo(Lab lab) {
        Outcome traced =
                lab.tracer("-v", "--strict").of("nice", "sh", "-c", "exec true").run();

        assertThat(traced.status()).isZero();
        assertThat(traced.errLines()).singleElement().asString().contains("nothing to do", "nice", "executed");
    }

    /** Of the shell itself, and of what turns out to have none, the libraries are not meant. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void theLibrariesOfWhatACommandBecomesAreOnHugePages(String launch, Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path late = Specimens.late();
        Path starter = Files.copy(Path.of("/usr/bin/env"), lab.directory().resolve("starter"));
        Command ofAShell =
                lab.tracer("--strict", "--targets=libs", "--launch=" + launch).of("sh", "-c", "exec \"$0\" hold", late);
        Command ofAnyProgram = lab.tracer("--strict", "--targets=libs", "--follow=exec", "--launch=" + launch)
                .of(starter, "env", starter, late, "hold");

        for (Command command : List.of(ofAShell, ofAnyProgram)) {
            RunningProgram traced = command.becoming(late).start().awaitLine("ready");
            TextPages.of(traced.program(), Specimens.blocksLibrary()).assertWhollyOn(Backing.THP);
            TextPages.of(traced.program(), Specimens.otherBlocksLibrary()).assertWhollyOn(Backing.THP);
            assertThat(traced.program().status("TracerPid")).isEqualTo("0");
            assertThat(traced.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec", "tree"})
    void whatHappensBeforeTheEntryPointIsTheFollowedProgramsOwn(String reach, Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path starter = Files.copy(Path.of("/usr/bin/env"), lab.directory().resolve("starter"));
        for (String story : List.of("exit", "abort", "exec", "stop", "signals", "fork", "spawn", "threads")) {
            Outcome plain = lab.plain(starter, Specimens.late(), story).run();

            assertThat(lab.tracer("--targets=libs", "--follow=" + reach)
                            .of(starter, Specimens.late(), story)
                            .run())
                    .as(story)
                    .isEqualTo(plain);
        }
    }

    @Test
    void aFollowedProgramWithThreadsIsWorkedOnWhileItRuns(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path starter = Files.copy(Path.of("/usr/bin/env"), lab.directory().resolve("starter"));
        for (String reach : List.of("exec", "tree")) {
            RunningProgram traced = lab.tracer("-v", "--targets=libs", "--follow=" + reach)
                    .of(starter, Specimens.late(), "threads", "hold")
                    .becoming(Specimens.late())
                    .start()
                    .awaitLine("ready");
            traced.awaitThat(
                    "a library on huge pages",
                    () -> TextPages.of(traced.program(), Specimens.blocksLibrary())
                            .isWhollyOn(Backing.THP));
            assertThat(traced.finish().status()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whoRunsWhenFollowingIsOverIsWatchedForLibraries(String launch, Lab lab) {
        lab.provide(Backing.THP);

        RunningProgram traced = lab.tracer("--dlopen=60", "--follow-for=0.5", "--launch=" + launch)
                .of("sh", "-c", "exec \"$0\" hold", Specimens.late())
                .becoming(Specimens.late())
                .start()
                .awaitLine("ready");

        traced.awaitThat(
                "a library on huge pages",
                () -> TextPages.of(traced.program(), Specimens.blocksLibrary()).isWhollyOn(Backing.THP));
        assertThat(traced.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
    }

    @Test
    void whatACommandBecomesIsRoundedOutward(Lab lab) {
        lab.provide(Backing.THP);
        Path file = Specimens.smallSpecimenWithGaps();

        for (String strategy : List.of("aggressive", "conservative")) {
            RunningProgram traced = lab.tracer("--strict", "--strategy=" + strategy)
                    .of("sh", "-c", "exec \"$0\" hold", file)
                    .becoming(file)
                    .start()
                    .awaitLine("ready");
            assertThat(traced.program()
                            .read("maps")
                            .lines()
                            .anyMatch(line -> line.contains(" r-xp ") && line.endsWith(file.toString())))
                    .as("code on the file")
                    .isEqualTo(strategy.equals("conservative"));
            assertThat(traced.finish().status()).isZero();
        }
    }
}
