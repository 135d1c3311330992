package org.tiexec.tracer.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.protocol.plan.StrategyName;

class ProgramJudgeTest {
    @TempDir
    private Path directory = Path.of("");

    private static Judgement judge(Path path) {
        return new ProgramJudge(StrategyName.CONSERVATIVE, true, false, other -> false)
                .judge(List.of(path.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private Path script(String name, String text) throws IOException {
        Path path = directory.resolve(name);
        Files.writeString(path, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return path;
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    @Test
    void aSmallProgramMayHaveLargeLibraries() {
        for (boolean withExecutable : new boolean[] {true, false}) {
            assertThat(new ProgramJudge(StrategyName.CONSERVATIVE, withExecutable, true, other -> false)
                            .judge(List.of("/bin/true".getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOfSatisfying(
                            Judgement.Promising.class,
                            may -> assertThat(may.objection().orElseThrow())
                                    .contains(withExecutable ? "less than 2 MB" : "only the libraries"));
        }
    }

    @Test
    void aSmallProgramHasNothingToGain() {
        assertThat(judge(Path.of("/bin/true")))
                .isInstanceOfSatisfying(
                        Judgement.NothingToDo.class,
                        nothing -> assertThat(nothing.reason()).contains("less than 2 MB of aligned code"));
    }

    /** Its code is around a multiple of 2 MB at some load addresses. */
    @Test
    void whatIsThereToBecomeAnotherIsNotTakenForItselfByRoundingOutward() {
        List<byte[]> bash = List.of("/bin/bash".getBytes(StandardCharsets.UTF_8));

        assertThat(new ProgramJudge(StrategyName.AGGRESSIVE, true, false, other -> false).judge(bash))
                .isInstanceOf(Judgement.Promising.class);
        assertThat(new ProgramJudge(StrategyName.AGGRESSIVE, true, false, Starters::include).judge(bash))
                .isInstanceOf(Judgement.NothingToDo.class);
    }

    @Test
    void aScriptIsJudgedByItsInterpreter() throws Exception {
        assertThat(judge(script("s", "#! /bin/sh -e\necho hi\n"))).isInstanceOf(Judgement.NothingToDo.class);
    }

    @Test
    void aScriptWhoseInterpreterIsAScriptIsFollowed() throws Exception {
        Path inner = script("inner", "#!" + java() + "\n");
        assertThat(judge(script("outer", "#!" + inner + "\n"))).isInstanceOf(Judgement.NothingToDo.class);
    }

    @Test
    void scriptsThatNameEachOtherEndTheJudgement() throws Exception {
        Path self = directory.resolve("self");
        script("self", "#!" + self + "\n");
        assertThat(judge(self))
                .isInstanceOfSatisfying(
                        Judgement.Unsuitable.class,
                        no -> assertThat(no.reason()).contains("too many levels"));
    }

    @Test
    void aSetUserIdProgramIsLeftAlone() throws Exception {
        Path copy = directory.resolve("copy");
        Files.copy(Path.of("/bin/true"), copy);
        Files.setAttribute(copy, "unix:mode", 04755);
        assertThat(judge(copy))
                .isInstanceOfSatisfying(
                        Judgement.Unsuitable.class,
                        no -> assertThat(no.reason()).contains("set-user-ID"));
    }

    @Test
    void aDirectoryAndAFileWithoutExecutePermissionAreNotFound() throws Exception {
        Path plain = directory.resolve("plain");
        Files.writeString(plain, "x");
        assertThat(judge(directory)).isInstanceOf(Judgement.NotFound.class);
        assertThat(judge(plain)).isInstanceOf(Judgement.NotFound.class);
    }

    @Test
    void aFileThatIsNoProgramIsLeftToTheKernel() throws Exception {
        assertThat(judge(script("text", "echo no first line\n")))
                .isInstanceOfSatisfying(
                        Judgement.Unsuitable.class,
                        no -> assertThat(no.reason()).containsAnyOf("not an ELF file", "truncated"));
    }
}
