package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** What cannot be done is said in one clear line; what can be run is run. */
@InLab
final class BadInputIT {
    static Stream<Arguments> wrongCommandLines() {
        return Stream.of(
                Arguments.of(List.of("run", "--no-such-option", "--", "true"), "--no-such-option"),
                Arguments.of(List.of("run", "--backing=gigantic", "--", "true"), "gigantic"),
                Arguments.of(List.of("run", "--method=magic", "--", "true"), "magic"),
                Arguments.of(List.of("run", "--archive=/no/such/directory", "--", "true"), "/no/such/directory"),
                Arguments.of(List.of("run", "true"), "tracer run -- true"),
                Arguments.of(List.of("run", "--strict", "true"), "tracer run --strict -- true"),
                Arguments.of(List.of("run", "--backing", "--", "true"), "--backing needs a value"),
                Arguments.of(List.of("run"), "--"),
                Arguments.of(List.of("run", "--strict"), "--"),
                Arguments.of(List.of("run", "--"), "program"),
                Arguments.of(List.of("jump", "high"), "tracer run -- jump high"),
                Arguments.of(List.of("--fast"), "unknown option '--fast'"),
                Arguments.of(List.of(), "tracer run"));
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void aWrongCommandLineIs125WithOneLine(List<String> arguments, String named, Lab lab) {
        Outcome tracer = lab.tracerCommand(arguments.toArray()).run();

        assertThat(tracer.status()).isEqualTo(125);
        assertThat(tracer.out()).isEmpty();
        assertThat(tracer.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: ")
                .contains(named);
    }

    @Test
    void anEmptyProgramNameIsNotFound(Lab lab) {
        Outcome tracer = lab.traced("").run();

        assertThat(tracer.status()).isEqualTo(127);
        assertThat(tracer.errLines()).hasSize(1);
    }

    @Test
    void aScriptWithoutAScriptLineIsRunByTheShell(Lab lab) {
        Path script = lab.script("script", "echo \"$0 $1\"\nexit 6\n");

        // execvp(3) in bash's place: Java's own start would refuse such a file
        assertThat(lab.traced(script, "argument").run())
                .isEqualTo(lab.plain("env", script, "argument").run())
                .isEqualTo(new Outcome(6, script + " argument\n", ""));
    }

    @Test
    void aScriptWithAScriptLineIsRunByItsInterpreter(Lab lab) {
        Path script = lab.script("script", "#!" + Specimens.specimen() + " check\n");

        Outcome plain = lab.plain(script).run();

        // the interpreter gets the script's name as a command that it does not know
        assertThat(plain.out()).contains("text as in the file", script + ":");
        assertThat(lab.traced(script).run()).isEqualTo(plain);
    }

    @Test
    void theInterpreterOfAScriptIsOnHugePages(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path script = lab.script("script", "#!" + Specimens.specimen() + " hold\n");

        RunningProgram traced =
                lab.traced(script).becoming(Specimens.specimen()).start().awaitLine("ready");

        traced.text().assertWhollyOn(Backing.HUGETLB);
        traced.finish();
    }

    @Test
    void a32BitProgramRunsPlainWithAReason(Lab lab) {
        assertThat(lab.traced(Specimens.program32()).run()).isEqualTo(new Outcome(5, "", ""));

        Outcome verbose = lab.tracer("-v").of(Specimens.program32()).run();

        assertThat(verbose.status()).isEqualTo(5);
        assertThat(verbose.errLines()).singleElement().asString().contains("32-bit");
        assertThat(lab.tracer("--strict").of(Specimens.program32()).run().status())
                .isEqualTo(125);
    }

    @Test
    void aFileThatIsNoElfFileCannotBePlanned(Lab lab) {
        assertIsRefused(lab.helper("plan", "--elf=" + lab.file("text", "no program at all\n"))
                .run());
        assertIsRefused(lab.helper("plan", "--elf=" + lab.file("empty", "")).run());
        assertIsRefused(lab.helper("plan", "--elf=" + lab.directory()).run());
        assertIsRefused(lab.helper("plan", "--elf=/no/such/file").run());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 40, 63, 64, 100, 300})
    void aTruncatedElfFileCannotBePlanned(int length, Lab lab) throws IOException {
        byte[] whole = Files.readAllBytes(Specimens.specimen());
        Path truncated = Files.write(lab.directory().resolve("truncated"), Arrays.copyOf(whole, length));

        assertIsRefused(lab.helper("plan", "--elf=" + truncated).run());
    }

    @Test
    void aProcessThatIsGoneCannotBePlanned(Lab lab) {
        // pid_max is 2^22 at most (proc_sys_kernel(5))
        assertIsRefused(lab.helper("plan", "--pid=4194305").run());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--pid=0", "--pid=-1", "--pid=many", "--pid=99999999999", "--pid=", "--no-such-option"})
    void whatIsNoProcessIdIsAWrongCommandLine(String option, Lab lab) {
        Outcome helper = lab.helper("plan", option).run();

        assertThat(helper.status()).as(helper.toString()).isEqualTo(2);
        assertThat(helper.out()).isEmpty();
        assertThat(helper.errLines()).singleElement().asString().startsWith("helper: ");
    }

    private static void assertIsRefused(Outcome helper) {
        assertThat(helper.status()).as(helper.toString()).isEqualTo(1);
        assertThat(helper.out()).isEmpty();
        assertThat(helper.errLines()).singleElement().asString().startsWith("helper: ");
    }
}
