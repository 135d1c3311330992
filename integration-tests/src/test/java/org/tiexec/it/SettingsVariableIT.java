package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;

/** The variable {@code TIEXEC} sets how something is done, never whether, as whom, or what is told of it. */
@InLab
final class SettingsVariableIT {
    private static final String VARIABLE = "TIEXEC";

    @ParameterizedTest
    @CsvSource({"in-place, thp, , THP", "child, thp, , THP", "in-place, thp, --backing=hugetlb, HUGETLB"})
    void itSetsOptionsAndTheCommandLineWins(String launch, String backing, String option, Backing found, Lab lab) {
        lab.provide(Backing.HUGETLB);
        List<String> options = option == null ? List.of("--strict") : List.of("--strict", option);

        RunningProgram traced = lab.tracer(options.toArray(new String[0]))
                .of(Specimens.specimen(), "check", "hold", "exit", "3")
                .with(VARIABLE, "launch=" + launch + ",backing=" + backing)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(found);
        assertThat(traced.program().equals(traced.process())).isEqualTo(launch.equals("in-place"));
        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whatIsWrongIsOneLineAndTheProgramRuns(String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome outcome = lab.tracer("--launch=" + launch)
                .of(Specimens.specimen(), "check", "exit", "3")
                .with(VARIABLE, "fast,backing=huge,timeout=0")
                .run();

        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: left out of TIEXEC: there is no option 'fast'")
                .contains("--backing=huge: not one of", "--timeout=0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user=nobody", "groups=", "strict", "archive=/tmp", "dry-run"})
    void whetherAndAsWhomAProgramRunsItDoesNotSay(String setting, Lab lab) {
        for (Path program : List.of(Specimens.credentials(), Specimens.smallCredentials())) {
            Outcome outcome = lab.traced(program).with(VARIABLE, setting).run();

            assertThat(outcome.status()).as(outcome.err()).isEqualTo(7);
            assertThat(outcome)
                    .extracting(Outcome::out)
                    .isEqualTo(lab.plain(program).with(VARIABLE, setting).run().out());
            assertThat(outcome.errLines())
                    .singleElement()
                    .asString()
                    .contains("left out of TIEXEC: --" + setting.split("=", 2)[0], "only be given on the command line");
        }
    }

    @Test
    void whatTheCommandLineSaysItDoesNotCancel(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome outcome = lab.tracer("--user=nobody")
                .of(Specimens.credentials())
                .with(VARIABLE, "user=root,groups=root")
                .run();

        assertThat(outcome.out()).startsWith("Uid:\t65534\t65534\t65534\t65534\nGid:\t65534");
        assertThat(outcome.errLines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "backing=thp,off"})
    void switchedOffNothingOfOursIsStarted(String value, Lab lab) {
        lab.script("java", "#!/bin/sh\necho 'java was started' >&2\nexit 1\n");
        for (Path program : List.of(Specimens.credentials(), Specimens.smallCredentials())) {
            Outcome plain = lab.plain(program).with(VARIABLE, value).run();

            Outcome outcome = lab.traced(program)
                    .with(VARIABLE, value)
                    .with("PATH", lab.directory().toString())
                    .with("JAVA_HOME", "")
                    .run();

            assertThat(outcome).isEqualTo(plain);
            assertThat(plain.out()).contains("TIEXEC=" + value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--strict", "--dry-run"})
    void switchedOffIsNoLicence(String option, Lab lab) {
        Outcome outcome = lab.tracer(option)
                .of(Specimens.credentials())
                .with(VARIABLE, "off")
                .run();

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.errLines()).singleElement().asString().contains("TIEXEC=off", option);
    }

    @Test
    void switchedOffAnAttachSaysThatItDidNothing(Lab lab) {
        RunningProgram running =
                lab.plain(Specimens.specimen(), "hold", "exit", "3").start().awaitLine("ready");

        Outcome attach = lab.attach().to(running).with(VARIABLE, "off").run();

        assertThat(attach.status()).isEqualTo(125);
        assertThat(attach.errLines()).singleElement().asString().contains("TIEXEC=off", "nothing was done");
        running.text().assertOnSmallPages();
        assertThat(running.finish().status()).isEqualTo(3);
    }

    @Test
    void theProgramHasIt(Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertThat(lab.traced(Specimens.credentials())
                        .with(VARIABLE, "backing=thp")
                        .run()
                        .outLines())
                .contains("TIEXEC=backing=thp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void theProtocolIsShownLineByLineWithItsDirection(String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome outcome = lab.tracer("--strict", "--launch=" + launch)
                .of(Specimens.specimen(), "check", "exit", "3")
                .with(VARIABLE, "log=debug")
                .run();

        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.out())
                .isEqualTo(lab.plain(Specimens.specimen(), "check", "exit", "3")
                        .run()
                        .out());
        assertProtocol(outcome.errLines(), "\"type\":\"do\"");
    }

    @Test
    void thatOfAnAttachToo(Lab lab) {
        lab.provide(Backing.HUGETLB);
        RunningProgram running =
                lab.plain(Specimens.specimen(), "hold", "exit", "3").start().awaitLine("ready");

        Outcome attach = lab.attach("--targets=exe")
                .to(running)
                .with(VARIABLE, "log=debug,backing=thp,method=auto")
                .run();

        assertThat(attach.status()).as(attach.err()).isZero();
        running.text().assertWhollyOn(Backing.THP);
        assertProtocol(attach.errLines(), "\"type\":\"do\"");
        assertThat(running.finish().status()).isEqualTo(3);
    }

    private static void assertProtocol(List<String> lines, String task) {
        assertThat(lines)
                .allMatch(line -> line.startsWith("tracer -> helper {") || line.startsWith("tracer <- helper {"));
        assertThat(lines).allMatch(line -> line.endsWith("}"));
        assertThat(lines.get(0)).startsWith("tracer <- helper {\"type\":\"hello\"");
        assertThat(lines.get(1)).startsWith("tracer -> helper {\"type\":\"start\"");
        assertThat(lines.get(2)).startsWith("tracer <- helper {\"type\":\"plan\"");
        assertThat(lines).anyMatch(line -> line.startsWith("tracer -> helper ") && line.contains(task));
        assertThat(lines).anyMatch(line -> line.startsWith("tracer <- helper ") && line.contains("\"type\":\"done\""));
    }

    /** It may have been meant for the user as whom alone the program is to run. */
    @Test
    void whatIsNoOptionIsRefusedAlsoIfAllIsSwitchedOff(Lab lab) {
        Outcome outcome =
                lab.tracer("--usr=nobody").of("id").with(VARIABLE, "off").run();

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.errLines()).singleElement().asString().contains("unknown option '--usr=nobody'");
    }

    @Test
    void anOrdinaryUserMayUseIt(Lab lab) {
        lab.provide(Backing.THP);

        Outcome outcome = lab.tracer("--strict")
                .of(Specimens.specimen(), "check", "exit", "3")
                .with(VARIABLE, "backing=thp,stop-all")
                .as(User.NOBODY)
                .run();

        assertThat(outcome.status()).as(outcome.err()).isEqualTo(3);
        assertThat(outcome.err()).isEmpty();
    }
}
