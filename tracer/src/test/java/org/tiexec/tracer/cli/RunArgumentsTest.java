package org.tiexec.tracer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.launch.FollowMode;
import org.tiexec.tracer.launch.Following;
import org.tiexec.tracer.program.Glob;

class RunArgumentsTest {
    private static Glob glob(String pattern) {
        return new Glob(new NamePattern(pattern));
    }

    private static RunArguments parse(String line) throws UsageException {
        return RunArguments.parse(line.split(" ", -1));
    }

    @Test
    void withoutOptionsEverythingIsDefault() throws Exception {
        RunArguments arguments = parse("-- node server.js");
        assertThat(arguments.options().settings()).isEqualTo(Settings.DEFAULT);
        assertThat(arguments.options().strict()).isFalse();
        assertThat(arguments.options().verbose()).isFalse();
        assertThat(arguments.options().dryRun()).isFalse();
        assertThat(arguments.options().archive()).isEmpty();
        assertThat(arguments.programArguments()).isEqualTo(2);
    }

    @Test
    void everyOptionIsUnderstood(@TempDir Path directory) throws Exception {
        RunArguments arguments = parse(
                "--backing=thp --method=in-place --strict -v --dry-run --archive=" + directory + " -- true -- -x");
        assertThat(arguments.options().settings().backing()).isEqualTo(BackingChoice.THP);
        assertThat(arguments.options().settings().method()).isEqualTo(MethodChoice.IN_PLACE);
        assertThat(arguments.options().strict()).isTrue();
        assertThat(arguments.options().verbose()).isTrue();
        assertThat(arguments.options().dryRun()).isTrue();
        assertThat(arguments.options().archive()).contains(directory);
        assertThat(arguments.programArguments())
                .as("everything after the first --")
                .isEqualTo(3);
    }

    @Test
    void librariesAreChosenByNameAndPagesCounted() throws Exception {
        RunArguments arguments = parse("--lib=libLLVM* --lib libclang* --max-pages=64 --dlopen=2.5 -- clang");
        Settings settings = arguments.options().settings();
        assertThat(settings.targets()).isEqualTo(Targets.ALL);
        assertThat(settings.selection())
                .isEqualTo(new Selection(
                        List.of(new NamePattern("libLLVM*"), new NamePattern("libclang*")), Optional.of(64)));
        assertThat(arguments.options().dlopen()).contains(Duration.ofMillis(2500));
        assertThat(arguments.options().wantsLibraries()).isTrue();
        assertThat(parse("-- true").options().wantsLibraries()).isFalse();
        assertThat(parse("--dlopen=1 -- java").options().settings().targets()).isEqualTo(Targets.EXECUTABLE);
    }

    @ParameterizedTest
    @CsvSource({"exe, EXECUTABLE", "libs, LIBRARIES", "'exe,libs', ALL", "'libs,exe', ALL"})
    void targetsComeInEitherOrder(String words, Targets targets) throws Exception {
        assertThat(parse("--targets=" + words + " -- true").options().settings().targets())
                .isEqualTo(targets);
        assertThat(parse("--targets=" + words + " --lib=x -- true")
                        .options()
                        .settings()
                        .targets())
                .isEqualTo(targets == Targets.EXECUTABLE ? Targets.ALL : targets);
    }

    @Test
    void followingIsUnderstood() throws Exception {
        assertThat(parse("-- sh").options().following()).isEqualTo(Following.DEFAULT);
        assertThat(parse("--follow=exec --follow-for=0.5 -- sh").options().following())
                .isEqualTo(new Following(FollowMode.EXEC, List.of(), Optional.of(Duration.ofMillis(500))));
        assertThat(parse("--follow=tree --only=*rustc --only cc1plus -- make")
                        .options()
                        .following())
                .isEqualTo(new Following(FollowMode.TREE, List.of(glob("*rustc"), glob("cc1plus")), Optional.empty()));
        assertThat(parse("--follow=none -- sh").options().following().mode()).isEqualTo(FollowMode.NONE);
    }

    @Test
    void aPatternForPathsHasALength() {
        assertThatThrownBy(() ->
                        RunArguments.parse(new String[] {"--follow=tree", "--only=" + "x".repeat(257), "--", "make"}))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("a pattern has 1 to 256 characters");
    }

    @Test
    void aValueMayFollowAsItsOwnArgument() throws Exception {
        assertThat(parse("--backing hugetlb -- true").options().settings().backing())
                .isEqualTo(BackingChoice.HUGETLB);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "node server.js | -- is missing before 'node': tracer run -- node server.js (see: tracer run --help)",
                "-v node | -- is missing before 'node': tracer run -v -- node (see: tracer run --help)",
                "--targets=all -- true | --targets=all: not one of exe|libs|exe,libs",
                "--lib=/usr/lib/x.so -- true | it is for file names, such as libLLVM*, not for paths",
                "--max-pages=0 -- true | --max-pages=0: at least 1",
                "--max-pages=many -- true | --max-pages=many: not a number of 2 MB pages",
                "--dlopen=soon -- true | --dlopen=soon: not a number of seconds",
                "-v | -- and the program are missing",
                "-- | no program after --",
                "--fast -- true | unknown option '--fast'",
                "-x -- true | unknown option '-x'",
                "--backing=huge -- true | not one of auto|hugetlb|thp",
                "--method=swap -- true | not one of auto|staged-swap|in-place",
                "--backing | --backing needs a value: --backing=auto|hugetlb|thp",
                "--backing -- true | --backing needs a value: --backing=auto|hugetlb|thp",
                "--follow=all -- true | not one of exec|tree|none",
                "--follow-for=soon -- true | --follow-for=soon: not a number of seconds",
                "--only=x -- true | --only is about a tree of processes: add --follow=tree",
                "--follow=tree --dlopen=1 -- true | --dlopen watches one program: it does not go with --follow=tree",
                "--archive= -- true | --archive needs a value: --archive=DIR",
                "--archive=/etc/passwd -- true | --archive=/etc/passwd: is no directory",
                "--strict=yes -- true | --strict takes no value",
                "--archive=/no/such/dir -- true | --archive=/no/such/dir: no such directory (mkdir -m 700 DIR)",
            })
    void aWrongCommandLineSaysWhatIsWrong(String line, String message) {
        assertThatThrownBy(() -> parse(line)).isInstanceOf(UsageException.class).hasMessageContaining(message);
    }

    @Test
    void theHelpFitsTheScreenAndHasExamples() {
        for (String help : List.of(Help.general(), Help.ofRun())) {
            assertThat(help.lines()).allMatch(line -> line.length() <= 100);
            assertThat(help.lines().filter(line -> line.startsWith("  tracer run ")))
                    .hasSizeGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void everyExampleIsAnOrderlyCommandLine(@TempDir Path directory) throws Exception {
        for (String line : Help.ofRun().lines().toList()) {
            if (line.startsWith("  tracer run ")) {
                String command = line.strip().split(" {2,}", 2)[0];
                String options = command.substring("tracer run ".length());
                assertThat(parse(options.replace("/var/log/tiexec", directory.toString()))
                                .programArguments())
                        .isPositive();
            }
        }
    }

    @Test
    void theHelpNamesEveryOption() {
        for (RunOption option : RunOption.values()) {
            assertThat(Help.ofRun()).contains(option.text().longName());
        }
    }
}
