package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PlanLines;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Plans can be had without any effect: of a program that never runs, of a running one, of a file. */
@InLab
final class DryRunIT {
    @ParameterizedTest
    @EnumSource
    void showsThePlanAndNeverRunsTheProgram(Backing backing, Lab lab) {
        lab.provide(backing);
        Path trace = lab.directory().resolve("the program ran");

        Outcome dryRun = lab.tracer("--dry-run")
                .of(Specimens.specimen(), "touch", trace, "exit", "9")
                .run();

        assertThat(dryRun.status()).isZero();
        assertThat(dryRun.err()).isEmpty();
        assertThat(trace).doesNotExist();
        PlanLines plan = PlanLines.parse(dryRun.out());
        plan.assertIsPlan();
        assertThat(plan.header().path("backing").asText()).isEqualTo(backing.optionValue());
        assertThat(plan.regionKb()).isEqualTo(possibleKb(lab));
    }

    @Test
    void ofASmallProgramSaysThatThereIsNothingToDo(Lab lab) {
        Path trace = lab.directory().resolve("the program ran");

        Outcome dryRun = lab.tracer("--dry-run")
                .of(Specimens.smallSpecimen(), "touch", trace)
                .run();

        assertThat(dryRun.status()).isZero();
        assertThat(trace).doesNotExist();
        PlanLines answer = PlanLines.parse(dryRun.out());
        assertThat(answer.types()).containsExactly("declined");
        assertThat(answer.header().path("nothingToDo").asBoolean()).isTrue();
    }

    @Test
    void ofAProgramThatIsNotThereIs127(Lab lab) {
        Outcome dryRun = lab.tracer("--dry-run").of("there-is-no-such-program").run();

        assertThat(dryRun.status()).isEqualTo(127);
        assertThat(dryRun.out()).isEmpty();
        assertThat(dryRun.errLines()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void theHelperPlansARunningProcessAndTouchesNothing(Backing backing, Lab lab) {
        lab.provide(backing);
        RunningProgram running =
                lab.plain(Specimens.specimen(), "hold", "check").start().awaitLine("ready");

        Outcome helper = lab.helper("plan", "--pid=" + running.process().pid()).run();

        assertThat(helper.status()).as(helper.toString()).isZero();
        PlanLines plan = PlanLines.parse(helper.out());
        plan.assertIsPlan();
        assertThat(plan.header().path("pid").asLong())
                .isEqualTo(running.process().pid());
        assertThat(plan.header().path("backing").asText()).isEqualTo(backing.optionValue());
        assertThat(plan.regionKb()).isEqualTo(running.text().possibleKb());
        running.text().assertOnSmallPages();
        assertThat(running.finish().status()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theHelperPredictsThePlanFromTheFile(Backing backing, Lab lab) {
        lab.provide(backing);

        Outcome helper = lab.helper("plan", "--elf=" + Specimens.specimen()).run();

        assertThat(helper.status()).as(helper.toString()).isZero();
        PlanLines plan = PlanLines.parse(helper.out());
        plan.assertIsPlan();
        assertThat(plan.header().path("pid").asLong()).isZero();
        assertThat(plan.header().path("backing").asText()).isEqualTo(backing.optionValue());
        assertThat(plan.regionKb()).isEqualTo(possibleKb(lab));
    }

    private static long possibleKb(Lab lab) {
        RunningProgram running = lab.plain(Specimens.specimen(), "hold").start().awaitLine("ready");
        long possibleKb = running.text().possibleKb();
        running.finish();
        return possibleKb;
    }
}
