package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PlanLines;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;
import org.tiexec.it.support.YamaSetting;

/**
 * Under each value of {@code kernel.yama.ptrace_scope}, an ordinary user gets what the kernel allows.
 *
 * <p>A kernel without Yama stands for the value that restricts nothing. Run under one that has it: {@code .ci/vm
 * -Dit.test=YamaIT}.
 */
@InLab
@SuppressWarnings("try") // the setting is there to be put back
final class YamaIT {
    private static final int SIBLINGS_ARE_STRANGERS = 1;
    private static final User ROOT = new User(0, 0);
    private static final Object[] PROGRAM = {Specimens.specimen(), "check", "hold", "check", "exit", "42"};

    static List<Integer> thatAllowTracing() {
        return YamaSetting.thatAllowTracing();
    }

    static List<Integer> thatAllowRootAlone() {
        return YamaSetting.thatAllowRootAlone();
    }

    static Stream<Arguments> everyWay() {
        return thatAllowTracing().stream()
                .flatMap(scope -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of("staged-swap", "in-place")
                                .map(method -> Arguments.of(scope, backing, method))));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void whoMayTraceItsChildrenGetsHugePages(int scope, Backing backing, String method, Lab lab) {
        try (YamaSetting setting = new YamaSetting(scope)) {
            lab.provide(backing);
            Outcome plain = lab.plain(PROGRAM).as(User.NOBODY).run();

            RunningProgram traced = lab.tracer("--method=" + method, "--backing=" + backing.optionValue(), "--strict")
                    .of(PROGRAM)
                    .as(User.NOBODY)
                    .start()
                    .awaitLine("ready");
            traced.text().assertWhollyOn(backing);

            assertThat(traced.finish()).isEqualTo(plain);
            assertThat(plain.status()).isEqualTo(42);
        }
    }

    /** Where nothing stands in the helper's way the program is not made to do anything for it. */
    @ParameterizedTest
    @MethodSource("thatAllowTracing")
    void theArchiveTellsWhetherTheProgramHadToLetTheHelperIn(int scope, Lab lab) throws IOException {
        try (YamaSetting setting = new YamaSetting(scope)) {
            lab.provide(Backing.THP);

            boolean needed = scope == SIBLINGS_ARE_STRANGERS;
            assertThat(phases(lab, User.NOBODY).contains("leave to copy")).isEqualTo(needed);
            assertThat(phases(lab, ROOT)).doesNotContain("leave to copy");
            // as in a container
            assertThat(phases(lab, ROOT, "setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace")
                            .contains("leave to copy"))
                    .isEqualTo(needed);
        }
    }

    private static List<String> phases(Lab lab, User user, Object... prefix) throws IOException {
        Path archive = Files.createTempDirectory(lab.directory(), "archive");
        user.own(archive);
        Outcome traced = lab.tracer("--strict", "--archive=" + archive)
                .of(Specimens.specimen(), "check", "exit", "7")
                .after(prefix)
                .as(user)
                .run();
        assertThat(traced.status()).as(traced.err()).isEqualTo(7);
        assertThat(traced.err()).isEmpty();
        JsonNode report =
                new ObjectMapper().readTree(Archives.awaitOnly(archive).toFile());
        JsonNode region = report.path("attempts").path(0).path("regions").path(0);
        assertThat(region.path("sha256").asText()).hasSize(64);
        return report.path("phases").findValuesAsText("name");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("thatAllowRootAlone")
    void whoMayNotTraceGetsTheProgramAsItIsAndIsToldTheSetting(int scope, Lab lab) {
        try (YamaSetting setting = new YamaSetting(scope)) {
            lab.provide(Backing.HUGETLB);
            Outcome plain = lab.plain(PROGRAM).as(User.NOBODY).run();

            Outcome traced = lab.traced(PROGRAM).as(User.NOBODY).run();
            Outcome strict = lab.tracer("--strict").of(PROGRAM).as(User.NOBODY).run();
            RunningProgram byRoot = lab.tracer("--strict").of(PROGRAM).start().awaitLine("ready");

            assertThat(traced.status()).isEqualTo(plain.status());
            assertThat(traced.out()).isEqualTo(plain.out());
            assertThat(traced.errLines())
                    .singleElement()
                    .asString()
                    .contains("kernel.yama.ptrace_scope is " + scope, "runs without 2 MB pages");
            assertThat(strict.status()).isEqualTo(125);
            assertThat(strict.out()).isEmpty();
            assertThat(strict.errLines()).singleElement().asString().contains("kernel.yama.ptrace_scope is " + scope);
            byRoot.text().assertWhollyOn(Backing.HUGETLB);
            assertThat(byRoot.finish().status()).isEqualTo(42);
        }
    }

    static List<Integer> allThatCanBeTakenBack() {
        return Stream.concat(thatAllowTracing().stream(), thatAllowRootAlone().stream())
                .toList();
    }

    /** It only reads what is not memory. */
    @ParameterizedTest
    @MethodSource("allThatCanBeTakenBack")
    void theHelperPlansARunningProcessOfTheSameUser(int scope, Lab lab) {
        try (YamaSetting setting = new YamaSetting(scope)) {
            RunningProgram running = lab.plain(Specimens.specimen(), "hold", "check")
                    .as(User.NOBODY)
                    .start()
                    .awaitLine("ready");

            Outcome helper = lab.helper("plan", "--pid=" + running.process().pid())
                    .as(User.NOBODY)
                    .run();

            assertThat(helper.status()).as(helper.toString()).isZero();
            PlanLines.parse(helper.out()).assertIsPlan();
            assertThat(running.finish().status()).isZero();
        }
    }
}
