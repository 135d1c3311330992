package org.tiexec.protocol.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.SamplePlans;
import org.tiexec.protocol.plan.StepId;

final class AttemptTest {
    private static final PageCounts NONE = new PageCounts(0, 0);

    private static RegionOutcome outcome(int number, boolean swapped) {
        return new RegionOutcome(
                new RegionId("r" + number),
                "/usr/bin/prog",
                swapped ? Optional.empty() : Optional.of("ENOMEM"),
                NONE,
                NONE,
                Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({"y, true, true", "n, false, false", "yy, true, true", "yn, true, false", "nn, false, false"})
    void tellsWhetherSomethingOrEverythingWasSwapped(String swapped, boolean something, boolean everything) {
        List<RegionOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < swapped.length(); i++) {
            outcomes.add(outcome(i, swapped.charAt(i) == 'y'));
        }
        Attempt attempt = new Attempt(SamplePlans.all().get(0), List.of(), List.of(), outcomes);
        assertThat(attempt.swappedSomething()).isEqualTo(something);
        assertThat(attempt.swappedEverything()).isEqualTo(everything);
    }

    static Stream<Arguments> results() {
        return Stream.of(
                arguments(List.of(), false),
                arguments(List.of(new StepResult.Succeeded(0), new StepResult.Succeeded(-12)), false),
                arguments(List.of(new StepResult.Succeeded(0), new StepResult.Failed(Errno.EINVAL)), false),
                arguments(List.of(new StepResult.Refused("ENOMEM")), false),
                arguments(List.of(new StepResult.Failed(Errno.EFAULT)), true),
                arguments(List.of(new StepResult.Succeeded(0), new StepResult.Failed(Errno.ENOMEM)), true),
                arguments(List.of(new StepResult.Failed(new Errno(12)), new StepResult.Refused("not huge")), true));
    }

    @ParameterizedTest
    @MethodSource("results")
    void ranOutOfPagesIfTheKernelSaidSo(List<StepResult> results, boolean expected) {
        List<StepOutcome> steps = new ArrayList<>();
        for (StepResult result : results) {
            steps.add(new StepOutcome(new StepId("s" + steps.size()), result, 1));
        }
        Attempt attempt = new Attempt(SamplePlans.all().get(0), steps, List.of(), List.of());
        assertThat(attempt.ranOutOfPages()).isEqualTo(expected);
    }

    @Test
    void aDigestIsAddedToAnOutcome() {
        RegionOutcome before = outcome(1, true);
        RegionOutcome after = before.withDigest(new Digest.Sha256("ab"));
        assertThat(after.digest()).contains(new Digest.Sha256("ab"));
        assertThat(after)
                .isEqualTo(new RegionOutcome(
                        before.region(),
                        before.file(),
                        before.failure(),
                        before.before(),
                        before.after(),
                        Optional.of(new Digest.Sha256("ab"))));
    }

    @Test
    void onlyASuccessLetsThePlanGoOn() {
        assertThat(new StepResult.Succeeded(0).isSuccess()).isTrue();
        assertThat(new StepResult.Failed(Errno.ENOMEM).isSuccess()).isFalse();
        assertThat(new StepResult.Refused("not huge").isSuccess()).isFalse();
    }
}
