package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.AttachCycles;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.CodeMappings;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.SelfCheck;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.it.support.TextPages;

/** The code of a running program goes to 2 MB pages, and back to where it came from. */
@InLab
final class AttachIT {
    private static final Outcome DONE = new Outcome(0, "", "");

    static Stream<Arguments> kinds() {
        return Stream.concat(
                Stream.of(Linkage.values()).map(linkage -> Arguments.of(linkage, Backing.HUGETLB)),
                Stream.of(Arguments.of(Linkage.PIE, Backing.THP), Arguments.of(Linkage.STATIC, Backing.THP)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itsCodeGoesToHugePagesAndBackAndThereAgain(Linkage linkage, Backing backing, Lab lab) {
        lab.provide(backing);
        RunningProgram program = held(lab, linkage);
        CodeMappings before = CodeMappings.of(program.process());

        assertThat(lab.attach().to(program).run()).isEqualTo(DONE);
        program.text().assertWhollyOn(backing);

        assertThat(lab.attach().undoing().to(program).run()).isEqualTo(DONE);
        program.text().assertOnSmallPages();
        assertThat(CodeMappings.of(program.process()))
                .as("the mappings of files, with device and inode")
                .isEqualTo(before);

        assertThat(lab.attach().to(program).run()).isEqualTo(DONE);
        program.text().assertWhollyOn(backing);
        SelfCheck.assertUnharmed(program);
    }

    @ParameterizedTest
    @EnumSource
    void theCodeOfItsLibrariesGoesThereAsWell(Backing backing, Lab lab) {
        lab.provide(backing);
        RunningProgram program =
                lab.plain(Specimens.spinnerWithLibrary(), 2).start().awaitLine("ready");
        CodeMappings before = CodeMappings.of(program.process());

        assertThat(lab.attach("--targets=exe").to(program).run()).isEqualTo(DONE);
        library(program).assertOnSmallPages();
        assertThat(lab.attach("--targets=libs").to(program).run()).isEqualTo(DONE);
        library(program).assertWhollyOn(backing);
        assertThat(lab.attach().undoing().to(program).run()).isEqualTo(DONE);
        library(program).assertOnSmallPages();
        assertThat(CodeMappings.of(program.process())).isEqualTo(before);
        assertThat(lab.attach().to(program).run()).isEqualTo(DONE);
        library(program).assertWhollyOn(backing);

        assertThat(program.finish().outLines()).last().isEqualTo("as it should be");
    }

    @Test
    void allThreadsCanBeStoppedInstead(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program =
                lab.plain(Specimens.spinner(Linkage.PIE), 8).start().awaitLine("ready");

        assertThat(lab.attach("--stop-all").to(program).run()).isEqualTo(DONE);
        program.text().assertWhollyOn(Backing.THP);
        assertThat(lab.attach("--stop-all").undoing().to(program).run()).isEqualTo(DONE);
        program.text().assertOnSmallPages();

        assertThat(program.finish().outLines()).last().isEqualTo("as it should be");
    }

    /** Nothing is opened by a path that the process gave. */
    /** Its threads lend no stacks of their own: a signal frame is put below that of the first one. */
    @Test
    void theStackOfAGoProgramDoesNotGrowWithEachAttach(Lab lab) {
        RunningProgram server = lab.plain(Specimens.goProgram(), "127.0.0.1:" + lab.freePort())
                .start()
                .awaitLine("ready");

        AttachCycles cycles = new AttachCycles(lab, server.process(), Backing.THP);
        cycles.run(1);
        cycles.undo();
        String after = stack(server);
        cycles.run(3);

        assertThat(stack(server)).isEqualTo(after);
        assertThat(server.finish().status()).isEqualTo(3);
    }

    private static String stack(RunningProgram program) {
        return program.process()
                .read("maps")
                .lines()
                .filter(line -> line.endsWith("[stack]"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theFileMayHaveBeenDeletedAndReplaced(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path copy = lab.directory().resolve("copy");
        Files.copy(Specimens.specimen(Linkage.PIE), copy);
        assertThat(copy.toFile().setExecutable(true)).isTrue();
        RunningProgram program = lab.plain(copy, "hold", "say", "whole").start().awaitLine("ready");
        Files.delete(copy);
        Files.copy(Specimens.smallSpecimen(), copy);
        CodeMappings before = CodeMappings.of(program.process());

        assertThat(lab.attach().to(program).run()).isEqualTo(DONE);
        TextPages.of(program.process()).assertWhollyOn(Backing.THP);
        assertThat(lab.attach().undoing().to(program).run()).isEqualTo(DONE);

        assertThat(CodeMappings.of(program.process())).isEqualTo(before);
        assertThat(program.finish()).isEqualTo(new Outcome(0, "ready\nwhole\n", ""));
    }

    @Test
    void whatIsDoneAlreadyIsNothingToDo(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = held(lab, Linkage.PIE);

        assertThat(lab.attach().undoing().to(program).run()).isEqualTo(DONE);
        assertThat(lab.attach().to(program).run()).isEqualTo(DONE);
        assertThat(lab.attach().to(program).run()).isEqualTo(DONE);
        assertThat(lab.attach("-v").to(program).run().err()).contains("nothing to do");
        program.text().assertWhollyOn(Backing.THP);

        SelfCheck.assertUnharmed(program);
    }

    @Test
    void aSmallProgramIsNothingToDo(Lab lab) {
        RunningProgram program =
                lab.plain(Specimens.smallSpecimen(), "hold").start().awaitLine("ready");

        assertThat(lab.attach("--targets=exe").to(program).run()).isEqualTo(DONE);
        Outcome told = lab.attach("--targets=exe", "-v").to(program).run();

        assertThat(told.status()).isZero();
        assertThat(told.err()).contains("nothing to do");
        assertThat(program.finish().status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--backing=auto", "--backing=hugetlb", "--strict"})
    void aProgramThatWasLaunchedOnHugePagesIsNothingToDo(String option, Lab lab) {
        lab.provide(Backing.HUGETLB);
        RunningProgram program =
                lab.traced(Specimens.specimen(), "hold", "check").start().awaitLine("ready");

        assertThat(lab.attach("--targets=exe", option).to(program.program()).run())
                .isEqualTo(DONE);

        program.text().assertWhollyOn(Backing.HUGETLB);
        assertThat(program.finish().status()).isZero();
    }

    @Test
    void aDryRunChangesNothing(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = held(lab, Linkage.PIE);
        String before = program.process().read("maps");

        Outcome dryRun = lab.attach("--dry-run").to(program).run();
        Outcome dryUndo = lab.attach("--dry-run").undoing().to(program).run();

        assertThat(dryRun.status()).as(dryRun.toString()).isZero();
        assertThat(dryUndo.status()).as(dryUndo.toString()).isZero();
        assertThat(program.process().read("maps")).isEqualTo(before);
        SelfCheck.assertUnharmed(program);
    }

    @Test
    void whatCannotBeDoneIs125WithOneLineAndLeavesTheProgramAsItIs(Lab lab) {
        lab.pool().provide(0);
        RunningProgram program = held(lab, Linkage.PIE);
        String before = program.process().read("maps");

        Outcome attach = lab.attach("--backing=hugetlb").to(program).run();

        assertThat(attach.status()).isEqualTo(125);
        assertThat(attach.out()).isEmpty();
        assertThat(attach.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: ")
                .contains("hugetlb", "0 free");
        assertThat(program.process().read("maps")).isEqualTo(before);
        SelfCheck.assertUnharmed(program);
    }

    @Test
    void itTellsOnStandardErrorWhatItHasDone(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = held(lab, Linkage.PIE);

        Outcome attach = lab.attach("-v").to(program).run();

        assertThat(attach.status()).isZero();
        assertThat(attach.out()).isEmpty();
        assertThat(attach.err())
                .contains("2 MB pages", Specimens.specimen(Linkage.PIE).toString(), "thp");
        SelfCheck.assertUnharmed(program);
    }

    @Test
    void theArchiveHoldsWhatWasDone(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));
        RunningProgram program = held(lab, Linkage.PIE);

        assertThat(lab.attach("--archive=" + archive).to(program).run()).isEqualTo(DONE);

        Path document = Archives.awaitOnly(archive);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(document)))
                .isEqualTo("rw-------");
        JsonNode report = new ObjectMapper().readTree(document.toFile());
        assertThat(report.path("outcome").asText()).isEqualTo("swapped");
        assertThat(report.path("attempts").path(0).path("plan").path("pid").asLong())
                .isEqualTo(program.process().pid());
        SelfCheck.assertUnharmed(program);
    }

    static List<List<String>> wrongCommandLines() {
        return List.of(
                List.of("attach"),
                List.of("attach", "--undo"),
                List.of("attach", "--targets=heap", "1"),
                List.of("attach", "--no-such-option", "1"),
                List.of("attach", "--method=in-place", "1"),
                List.of("attach", "1", "2"));
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void aWrongCommandLineIs125WithOneLine(List<String> arguments, Lab lab) {
        Outcome tracer = lab.tracerCommand(arguments.toArray()).run();

        assertThat(tracer.status()).isEqualTo(125);
        assertThat(tracer.out()).isEmpty();
        assertThat(tracer.errLines()).singleElement().asString().startsWith("tracer: ");
    }

    private static RunningProgram held(Lab lab, Linkage linkage) {
        return lab.plain(SelfCheck.command(Specimens.specimen(linkage))).start().awaitLine("ready");
    }

    private static TextPages library(RunningProgram program) {
        return TextPages.of(program.process(), Specimens.blocksLibrary());
    }
}
