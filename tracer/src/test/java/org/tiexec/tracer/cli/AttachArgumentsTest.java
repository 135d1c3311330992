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
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.attach.AttachOptions;

final class AttachArgumentsTest {
    private static AttachOptions parse(String... words) throws UsageException {
        return AttachArguments.parse(words);
    }

    @Test
    void aProcessIdIsEnough() throws Exception {
        AttachOptions options = parse("4242");

        assertThat(options.pid()).isEqualTo(4242);
        assertThat(options.settings())
                .isEqualTo(Settings.attach(Targets.ALL, StrategyName.CONSERVATIVE, BackingChoice.AUTO));
        assertThat(options.stopAll() || options.strict() || options.verbose() || options.dryRun())
                .isFalse();
        assertThat(options.archive()).isEmpty();
        assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void optionsMayStandOnBothSidesOfIt(@TempDir Path directory) throws Exception {
        AttachOptions options = parse(
                "--backing=thp",
                "--stop-all",
                "42",
                "-v",
                "--strict",
                "--dry-run",
                "--timeout",
                "2.5",
                "--archive=" + directory);

        assertThat(options.pid()).isEqualTo(42);
        assertThat(options.settings().backing()).isEqualTo(BackingChoice.THP);
        assertThat(options.stopAll() && options.strict() && options.verbose() && options.dryRun())
                .isTrue();
        assertThat(options.timeout()).isEqualTo(Duration.ofMillis(2500));
        assertThat(options.archive()).contains(directory);
    }

    @Test
    void librariesAreChosenByNameAndPagesCounted() throws Exception {
        Settings settings = parse("--targets=exe", "--lib=libjvm*", "--lib", "*.node", "--max-pages", "9", "42")
                .settings();
        assertThat(settings)
                .isEqualTo(Settings.attach(Targets.ALL, StrategyName.CONSERVATIVE, BackingChoice.AUTO)
                        .withSelection(new Selection(
                                List.of(new NamePattern("libjvm*"), new NamePattern("*.node")), Optional.of(9))));
        assertThatThrownBy(() -> parse("--undo", "--max-pages=9", "42"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--max-pages is not for --undo");
    }

    @ParameterizedTest
    @CsvSource({"exe, EXECUTABLE", "libs, LIBRARIES", "'exe,libs', ALL", "'libs,exe', ALL"})
    void targetsComeInEitherOrder(String words, Targets targets) throws Exception {
        assertThat(parse("--targets=" + words, "1").settings().targets()).isEqualTo(targets);
    }

    @Test
    void anUndoIsOfEverything() throws Exception {
        assertThat(parse("--undo", "1").settings()).isEqualTo(Settings.undo());
        assertThatThrownBy(() -> parse("--undo", "--targets=exe", "1"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--targets is not for --undo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "self", "1x", "", "4194304999", "1.5"})
    void whatIsNoProcessIdIsSaidToBeNone(String word) {
        assertThatThrownBy(() -> parse(word)).isInstanceOf(UsageException.class).hasMessageContaining(word);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1 2",
                "--undo",
                "--targets=heap 1",
                "--targets= 1",
                "1 --backing",
                "--stop-all=yes 1",
                "--method=in-place 1",
                "--timeout=never 1",
                "--archive=/no/such/directory 1",
            })
    void whatIsWrongIsRefusedInOneLine(String line) {
        String[] words = line.isEmpty() ? new String[0] : line.split(" ", -1);
        assertThatThrownBy(() -> parse(words))
                .isInstanceOf(UsageException.class)
                .hasMessageNotContaining("\n");
    }
}
