package org.tiexec.tracer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.attach.AttachOptions;
import org.tiexec.tracer.launch.FollowMode;
import org.tiexec.tracer.launch.Following;
import org.tiexec.tracer.program.Glob;

final class SettingsVariableTest {
    private static SettingsVariable forRun(String text) {
        return SettingsVariable.read(text, new RunVocabulary());
    }

    private static RunArguments run(String text, String... commandLine) throws UsageException {
        return RunArguments.parse(commandLine, forRun(text));
    }

    @Test
    void itSetsOptionsByTheirLongNames() throws UsageException {
        RunArguments arguments = run("backing=thp,verbose,method=in-place,timeout=2.5", "--", "node");

        assertThat(arguments.options().settings().backing()).isEqualTo(BackingChoice.THP);
        assertThat(arguments.options().settings().method()).isEqualTo(MethodChoice.IN_PLACE);
        assertThat(arguments.options().verbose()).isTrue();
        assertThat(arguments.options().timeout()).isEqualTo(Duration.ofMillis(2500));
        assertThat(arguments.programArguments()).isEqualTo(1);
    }

    @Test
    void theCommandLineWins() throws UsageException {
        RunArguments arguments = run("backing=thp,timeout=3", "--backing=hugetlb", "--", "node");

        assertThat(arguments.options().settings().backing()).isEqualTo(BackingChoice.HUGETLB);
        assertThat(arguments.options().timeout()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void ofTwoTheLaterWins() throws UsageException {
        assertThat(run("backing=thp,backing=hugetlb", "--", "node")
                        .options()
                        .settings()
                        .backing())
                .isEqualTo(BackingChoice.HUGETLB);
    }

    @Test
    void itSaysWhatIsFollowed() throws UsageException {
        SettingsVariable settings = forRun("follow=tree,only=*rustc,only=cc1plus,follow-for=5");
        Following following = RunArguments.parse(new String[] {"--", "make"}, settings)
                .options()
                .following();

        assertThat(settings.warning()).isEmpty();
        assertThat(following)
                .isEqualTo(new Following(
                        FollowMode.TREE,
                        List.of(new Glob(new NamePattern("*rustc")), new Glob(new NamePattern("cc1plus"))),
                        Optional.of(Duration.ofSeconds(5))));
    }

    @Test
    void whatItSaysOfATreeIsLeftOutWhereTheCommandLineMeansNone() throws UsageException {
        SettingsVariable settings = forRun("follow=tree,only=cc1plus");
        Following following = RunArguments.parse(new String[] {"--follow=none", "--", "make"}, settings)
                .options()
                .following();

        assertThat(following).isEqualTo(new Following(FollowMode.NONE, List.of(), Optional.empty()));
        assertThat(settings.warning().orElseThrow()).contains("--only is about a tree of processes");
    }

    /** Nobody but the command line says whether and as whom a program runs, or what is written down about it. */
    @ParameterizedTest
    @ValueSource(strings = {"user=nobody", "user", "groups=", "groups=daemon", "strict", "archive=/tmp", "dry-run"})
    void whatTheUserReliesOnCannotBeSet(String setting) throws UsageException {
        SettingsVariable settings = forRun(setting + ",backing=thp");
        RunArguments arguments = RunArguments.parse(new String[] {"--", "node"}, settings);

        assertThat(arguments.user()).isEmpty();
        assertThat(arguments.options().strict()).isFalse();
        assertThat(arguments.options().archive()).isEmpty();
        assertThat(arguments.options().dryRun()).isFalse();
        assertThat(arguments.options().settings().backing()).isEqualTo(BackingChoice.THP);
        assertThat(settings.warning().orElseThrow()).contains("can only be given on the command line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user=nobody", "strict", "archive=/tmp", "dry-run", "undo"})
    void norForAnAttach(String setting) throws UsageException {
        SettingsVariable settings = SettingsVariable.read(setting, new AttachVocabulary());
        AttachOptions options = AttachArguments.parse(new String[] {"4242"}, settings);

        assertThat(options).isEqualTo(AttachArguments.parse(new String[] {"4242"}));
        assertThat(settings.warning().orElseThrow()).contains("can only be given on the command line");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fast | there is no option 'fast'",
                "fast=yes | there is no option 'fast'",
                "=yes | there is no option ''",
                "v | there is no option 'v'",
                "-v | there is no option '-v'",
                "--backing=thp | there is no option '--backing'",
                "backing | --backing needs a value",
                "backing=huge | --backing=huge: not one of auto|hugetlb|thp",
                "backing= | --backing needs a value",
                "verbose=yes | --verbose takes no value",
                "timeout=soon | --timeout=soon: not a number of seconds",
                "log=info | 'log=info' is not log=debug",
                "log | 'log' is not log=debug",
                "method=auto,huge | --method=auto,huge: not one of",
            })
    void whatIsWrongIsLeftOutAndTheRestCounts(String setting, String objection) throws UsageException {
        for (String text : List.of(setting, setting + ",verbose", "verbose," + setting)) {
            SettingsVariable settings = forRun(text);

            assertThat(RunArguments.parse(new String[] {"--", "node"}, settings)
                            .options()
                            .verbose())
                    .isEqualTo(!text.equals(setting));
            assertThat(settings.warning().orElseThrow()).contains(objection);
        }
    }

    @Test
    void allThatIsWrongIsToldInOneLine() {
        String warning =
                forRun("fast,backing=huge,strict\nx,\u001b[1m").warning().orElseThrow();

        assertThat(warning.lines()).hasSize(1);
        assertThat(warning).contains("'fast'", "--backing=huge", "; ").doesNotContain("\u001b");
    }

    @Test
    void aValueMayHaveCommas() throws UsageException {
        SettingsVariable settings =
                SettingsVariable.read("targets=exe,libs,backing=thp,targets=libs,exe,stop-all", new AttachVocabulary());
        AttachOptions options = AttachArguments.parse(new String[] {"4242"}, settings);

        assertThat(settings.warning()).isEmpty();
        assertThat(options.settings().targets()).isEqualTo(Targets.ALL);
        assertThat(options.settings().backing()).isEqualTo(BackingChoice.THP);
        assertThat(options.stopAll()).isTrue();
    }

    /** Whoever inherits the variable may be the other command. */
    @Test
    void whatIsForTheOtherCommandIsNoMistake() {
        assertThat(forRun("stop-all,backing=thp").warning()).isEmpty();
        assertThat(SettingsVariable.read("method=in-place,launch=child,backing=thp", new AttachVocabulary())
                        .warning())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "backing=thp,", ",,backing=thp", "off", "off,backing=thp"})
    void whatIsEmptyOrForTheLauncherIsNoMistake(String text) {
        assertThat(forRun(text).warning()).isEmpty();
    }

    @Test
    void theProtocolIsShownOnRequest() {
        assertThat(forRun("log=debug").logsProtocol()).isTrue();
        assertThat(forRun("log=debug").warning()).isEmpty();
        assertThat(forRun("backing=thp").logsProtocol()).isFalse();
    }

    @Test
    void togetherWithTheCommandLineItNeverMakesAMistake() throws UsageException {
        SettingsVariable settings = SettingsVariable.read("backing=thp", new AttachVocabulary());
        AttachOptions options = AttachArguments.parse(new String[] {"--undo", "4242"}, settings);

        assertThat(options).isEqualTo(AttachArguments.parse(new String[] {"--undo", "4242"}));
        assertThat(settings.warning().orElseThrow()).contains("--backing is not for --undo");
    }

    @Test
    void aWrongCommandLineIsWrongAllTheSame() {
        assertThatThrownBy(() -> run("backing=thp", "--fast", "--", "node"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("unknown option '--fast'");
    }
}
