package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.MemoryQuota;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Where memory is short by a limit, the program gets what there is, and we take none. */
@InLab
final class LimitsIT {
    /** Enough for the program, not for a second copy of its code. */
    @ParameterizedTest
    @CsvSource({"-v, 12500, HUGETLB", "-v, 12500, THP", "-d, 3000, HUGETLB", "-d, 3000, THP"})
    void aLimitThatHasNoRoomForACopyIsNamedAsTheReason(String option, int kilobytes, Backing backing, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();
        Command command = lab.tracer("--backing=" + backing.optionValue()).of(arguments());

        RunningProgram traced = limited(option, kilobytes, command).start().awaitLine("ready");
        traced.text().assertOnSmallPages();
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(plain.status()).isEqualTo(7);
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .contains("ENOMEM", "is limited to " + kilobytes + " kB (raise it: ulimit " + option + ")");
    }

    @ParameterizedTest
    @EnumSource
    void aLimitOfLockedMemoryIsInNobodysWay(Backing backing, Lab lab) {
        lab.provide(backing);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced =
                limited("-l", 0, lab.tracer("--strict").of(arguments())).start().awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 100})
    void aControlGroupWithoutRoomForAnotherJvmMakesTheProgramRunPlain(int megabytes, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();
        try (MemoryQuota quota = new MemoryQuota(lab, megabytes)) {
            RunningProgram traced = quota.limit(lab.traced(arguments())).start().awaitLine("ready");
            traced.text().assertOnSmallPages();
            Outcome outcome = traced.finish();

            assertThat(outcome.out()).isEqualTo(plain.out());
            assertThat(outcome.status()).isEqualTo(plain.status());
            assertThat(outcome.errLines())
                    .singleElement()
                    .asString()
                    .contains("the memory control group /", " MB left of " + megabytes, "takes 128 (raise memory.");
            assertThat(quota.kills()).isEmpty();
        }
    }

    @Test
    void aControlGroupWithoutRoomForAnotherJvmKeepsAStrictLaunchFromRunningTheProgram(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path trace = lab.directory().resolve("the program ran");
        try (MemoryQuota quota = new MemoryQuota(lab, 100)) {
            Outcome strict = quota.limit(lab.tracer("--strict").of(Specimens.specimen(), "touch", trace))
                    .run();

            assertThat(strict.status()).isEqualTo(125);
            assertThat(trace).doesNotExist();
            assertThat(strict.errLines()).singleElement().asString().contains("the memory control group /");
        }
    }

    /** The JVMs and the program fit, and 150 MB of transparent pages besides do not; pages of the pool count elsewhere. */
    @ParameterizedTest
    @CsvSource({"thp, staged-swap", "hugetlb, in-place"})
    void aControlGroupWithoutRoomForACopyMakesTheProgramRunPlain(String backing, String method, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Object[] program = {Specimens.largeSpecimen(), "hold", "exit", "7"};
        Outcome plain = lab.plain(program).run();
        try (MemoryQuota quota = new MemoryQuota(lab, 250)) {
            RunningProgram traced = quota.limit(lab.tracer("--backing=" + backing, "--method=" + method)
                            .of(program))
                    .start()
                    .awaitLine("ready");
            traced.text().assertOnSmallPages();
            Outcome outcome = traced.finish();

            assertThat(outcome.out()).isEqualTo(plain.out());
            assertThat(outcome.status()).isEqualTo(plain.status());
            assertThat(outcome.errLines())
                    .singleElement()
                    .asString()
                    .contains("the memory control group /", "a copy of the code besides the program takes");
            assertThat(quota.kills()).isEmpty();
        }
    }

    /** What counts is where the process is, which may be another group than the tracer's. */
    @Test
    void aControlGroupWithoutRoomForACopyLeavesARunningProgramAlone(Lab lab) {
        lab.provide(Backing.THP);
        try (MemoryQuota quota = new MemoryQuota(lab, 60)) {
            RunningProgram program = quota.limit(lab.plain(Specimens.largeSpecimen(), "hold", "exit", "7"))
                    .start()
                    .awaitLine("ready");

            Outcome attach = lab.attach("--backing=thp").to(program).run();

            assertThat(attach.status()).isEqualTo(125);
            assertThat(attach.errLines()).singleElement().asString().contains("the memory control group /");
            assertThat(quota.kills()).isEmpty();
            assertThat(program.finish().status()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aControlGroupWithRoomIsInNobodysWay(Backing backing, Lab lab) {
        lab.provide(backing);
        Outcome plain = lab.plain(arguments()).run();
        try (MemoryQuota quota = new MemoryQuota(lab, 400)) {
            RunningProgram traced =
                    quota.limit(lab.tracer("--strict").of(arguments())).start().awaitLine("ready");
            traced.text().assertWhollyOn(backing);

            assertThat(traced.finish()).isEqualTo(plain);
            assertThat(quota.kills()).isEmpty();
        }
    }

    private static Object[] arguments() {
        return new Object[] {Specimens.specimen(), "check", "hold", "check", "exit", "7"};
    }

    private static Command limited(String option, int value, Command command) {
        return command.after("sh", "-c", "ulimit -S " + option + " " + value + " && exec \"$@\"", "sh");
    }
}
