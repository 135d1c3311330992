package org.tiexec.protocol.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.abi.SyscallName;

/** The names that plans, messages and command lines use. */
final class WireNamesTest {
    @ParameterizedTest
    @EnumSource
    void aStrategyIsFoundByItsName(StrategyName value) {
        assertThat(StrategyName.named(value.wireName())).contains(value);
    }

    @ParameterizedTest
    @EnumSource
    void aBackingIsFoundByItsName(BackingName value) {
        assertThat(BackingName.named(value.wireName())).contains(value);
        assertThat(BackingChoice.named(value.wireName())).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aBackingChoiceIsFoundByItsName(BackingChoice value) {
        assertThat(BackingChoice.named(value.wireName())).contains(value);
    }

    @ParameterizedTest
    @EnumSource
    void aMethodIsFoundByItsName(MethodName value) {
        assertThat(MethodName.named(value.wireName())).contains(value);
        assertThat(MethodChoice.named(value.wireName())).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aMethodChoiceIsFoundByItsName(MethodChoice value) {
        assertThat(MethodChoice.named(value.wireName())).contains(value);
    }

    @ParameterizedTest
    @EnumSource
    void aPurposeIsFoundByItsName(Purpose value) {
        assertThat(Purpose.named(value.wireName())).contains(value);
    }

    @ParameterizedTest
    @EnumSource
    void targetsAreFoundByTheirName(Targets value) {
        assertThat(Targets.named(value.wireName())).contains(value);
        assertThat(value.wireName().contains("exe")).isEqualTo(value.includeExecutable());
        assertThat(value.wireName().contains("libs")).isEqualTo(value.includeLibraries());
    }

    @ParameterizedTest
    @EnumSource
    void aTaskIsFoundByItsName(HelperTask value) {
        assertThat(HelperTask.named(value.wireName())).contains(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AUTO", "HUGETLB", "huge", "reckless", "staged_swap", "fill ", "syscall", "none"})
    void noOtherNameIsKnown(String name) {
        assertThat(StrategyName.named(name)).isEmpty();
        assertThat(BackingName.named(name)).isEmpty();
        assertThat(BackingChoice.named(name)).isEmpty();
        assertThat(MethodName.named(name)).isEmpty();
        assertThat(MethodChoice.named(name)).isEmpty();
        assertThat(HelperTask.named(name)).isEmpty();
        assertThat(Purpose.named(name)).isEmpty();
        assertThat(Targets.named(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "s1", "R-1_z", "0", "abcdefghijklmnopqrstuvwxyzABCDEF"})
    void stepsAndRegionsHaveShortPlainNames(String text) {
        assertThat(new StepId(text)).hasToString(text);
        assertThat(new RegionId(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a.b",
                "a/b",
                "\u00e9",
                "a\n",
                "\"",
                "abcdefghijklmnopqrstuvwxyzABCDEFG",
                "\u0661"
            })
    void stepsAndRegionsHaveNoOtherNames(String text) {
        assertThatThrownBy(() -> new StepId(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RegionId(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aCallHasExactlyItsArguments(SyscallName name) {
        List<Arg> tooMany = List.of(
                new Arg.Number(0),
                new Arg.Number(1),
                new Arg.Number(2),
                new Arg.Number(3),
                new Arg.Number(4),
                new Arg.Number(5),
                new Arg.Number(6));
        for (int count = 0; count <= tooMany.size(); count++) {
            List<Arg> args = tooMany.subList(0, count);
            if (count == name.arguments().size()) {
                assertThat(new Call(name, args).args()).isEqualTo(args);
            } else {
                assertThatThrownBy(() -> new Call(name, args))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(name.wireName() + " takes "
                                + name.arguments().size() + " arguments, not " + args.size());
            }
        }
    }

    @Test
    void symbolsAreOredTogetherAndNeverEmpty() {
        assertThat(SamplePlans.STAGE_FLAGS.value()).isEqualTo(0x54040022L);
        assertThatThrownBy(() -> new Arg.Symbols(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void settingsChooseByThemselvesWhereNothingIsAsked() {
        assertThat(Settings.DEFAULT)
                .isEqualTo(new Settings(StrategyName.CONSERVATIVE, BackingChoice.AUTO, MethodChoice.AUTO));
    }

    @Test
    void settingsAreOfALaunchUnlessTheySayOtherwise() {
        assertThat(Settings.DEFAULT.purpose()).isEqualTo(Purpose.LAUNCH);
        assertThat(Settings.DEFAULT.targets()).isEqualTo(Targets.EXECUTABLE);
        Settings attach = Settings.attach(Targets.LIBRARIES, StrategyName.CONSERVATIVE, BackingChoice.AUTO);
        assertThat(attach.withBacking(BackingChoice.THP))
                .isEqualTo(Settings.attach(Targets.LIBRARIES, StrategyName.CONSERVATIVE, BackingChoice.THP));
        assertThat(Settings.undo().targets()).isEqualTo(Targets.ALL);
    }

    @Test
    void settingsForARunningProcessAreThoseOfTheLaunchButForTheMethod() {
        Selection some = new Selection(List.of(new NamePattern("lib*")), Optional.of(3));
        Settings launch = new Settings(
                Purpose.LAUNCH,
                Targets.LIBRARIES,
                StrategyName.CONSERVATIVE,
                BackingChoice.THP,
                MethodChoice.IN_PLACE,
                some);
        assertThat(launch.whileRunning())
                .isEqualTo(Settings.attach(Targets.LIBRARIES, StrategyName.CONSERVATIVE, BackingChoice.THP)
                        .withSelection(some));
        assertThatThrownBy(() -> Settings.undo().withSelection(some)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void settingsThatContradictEachOtherCannotBeMade() {
        for (Purpose purpose : Purpose.values()) {
            for (Targets targets : Targets.values()) {
                for (MethodChoice method : MethodChoice.values()) {
                    boolean good = switch (purpose) {
                        case LAUNCH -> true;
                        case ATTACH -> method != MethodChoice.IN_PLACE;
                        case UNDO -> targets == Targets.ALL && method != MethodChoice.IN_PLACE;
                    };
                    ThrowableAssert.ThrowingCallable make =
                            () -> new Settings(purpose, targets, StrategyName.CONSERVATIVE, BackingChoice.AUTO, method);
                    if (good) {
                        assertThatCode(make).doesNotThrowAnyException();
                    } else {
                        assertThatThrownBy(make).isInstanceOf(IllegalArgumentException.class);
                    }
                }
            }
        }
    }
}
