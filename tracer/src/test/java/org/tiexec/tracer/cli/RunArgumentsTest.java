package org.tiexec.tracer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Settings;

class RunArgumentsTest {
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
    void aValueMayFollowAsItsOwnArgument() throws Exception {
        assertThat(parse("--backing hugetlb -- true").options().settings().backing())
                .isEqualTo(BackingChoice.HUGETLB);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "node server.js | -- is missing before 'node'",
                "-v node | -- is missing before 'node'",
                "-v | -- and the program are missing",
                "-- | no program after --",
                "--fast -- true | unknown option '--fast'",
                "-x -- true | unknown option '-x'",
                "--backing=huge -- true | not one of auto|hugetlb|thp",
                "--method=swap -- true | not one of auto|staged-swap|in-place",
                "--backing | --backing needs a value",
                "--strict=yes -- true | --strict takes no value",
                "--archive=/no/such/dir -- true | no such directory (mkdir -m 700 '/no/such/dir')",
            })
    void aWrongCommandLineSaysWhatIsWrong(String line, String message) {
        assertThatThrownBy(() -> parse(line)).isInstanceOf(UsageException.class).hasMessageContaining(message);
    }

    @Test
    void theHelpNamesEveryOption() {
        for (RunOption option : RunOption.values()) {
            assertThat(Help.ofRun()).contains(option.longName());
        }
    }
}
