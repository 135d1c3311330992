package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.FreshClone;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PlanLines;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.User;

/** Whoever may run a program may run it on 2 MB pages, without any privilege. */
@InLab
final class OrdinaryUserIT {
    private static final Path GROUP_OF_THE_POOL = Path.of("/proc/sys/vm/hugetlb_shm_group");

    static Stream<Arguments> everyCombination() {
        return Stream.of(Linkage.PIE, Linkage.NON_PIE, Linkage.STATIC)
                .flatMap(linkage -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of("staged-swap", "in-place")
                                .map(method -> Arguments.of(linkage, backing, method))));
    }

    /** Reserved pages, too: root reserves them, anybody may map them. */
    @ParameterizedTest
    @MethodSource("everyCombination")
    void aProgramFindsItsCodeAsItIsInItsFile(Linkage linkage, Backing backing, String method, Lab lab)
            throws IOException {
        lab.provide(backing);
        Object[] program = {Specimens.specimen(linkage), "check", "hold", "check", "exit", "42"};
        Outcome plain = lab.plain(program).as(User.NOBODY).run();

        RunningProgram traced = lab.tracer("--method=" + method, "--backing=" + backing.optionValue(), "--strict")
                .of(program)
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.program().status("Uid")).startsWith(User.NOBODY.uid() + "\t");
        assertThat(Files.readString(GROUP_OF_THE_POOL).strip())
                .as("the group that may have the pool's pages as shared memory is another one")
                .isNotEqualTo(Integer.toString(User.NOBODY.gid()));
        assertThat(traced.finish()).isEqualTo(plain);
        assertThat(plain.status()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource
    void aProgramOfAnotherUserIsNoOtherMatter(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        Path program = Files.copy(Specimens.specimen(), lab.directory().resolve("program"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        User.DAEMON.own(program);

        RunningProgram traced = lab.tracer("--strict")
                .of(program, "check", "hold", "exit", "7")
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(backing);
        assertThat(traced.finish().status()).isEqualTo(7);
    }

    @Test
    void theProgramGetsTheSignalsOfTheTracer(Lab lab) {
        lab.provide(Backing.HUGETLB);
        RunningProgram traced = lab.tracer("--strict")
                .of(Specimens.specimen(), "signals")
                .as(User.NOBODY)
                .after(Specimens.under(), "no-blocked-signals")
                .start()
                .awaitLine("ready");
        List<String> signals = List.of("TERM", "HUP", "USR1", "USR2", "INT", "QUIT", "CONT", "WINCH");

        for (String signal : signals) {
            traced.process().signal(signal);
            traced.awaitLine(signal);
        }

        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.outLines())
                .containsAll(signals.stream().map(signal -> signal + " 1 times").toList());
    }

    @Test
    void aDeadlySignalEndsTheTracerTheSameWay(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram traced = lab.tracer("--strict")
                .of(Specimens.specimen(), "hold")
                .as(User.NOBODY)
                .fromShell()
                .start()
                .awaitLine("ready");

        traced.program().signal("KILL");

        assertThat(traced.awaitEnd().status()).isEqualTo(128 + 9);
    }

    @ParameterizedTest
    @EnumSource
    void theArchiveIsTheirs(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));
        User.NOBODY.own(archive);

        Outcome traced = lab.tracer("--archive=" + archive)
                .of(Specimens.specimen(), "check", "exit", "7")
                .as(User.NOBODY)
                .run();

        assertThat(traced.status()).as(traced.err()).isEqualTo(7);
        assertThat(traced.err()).isEmpty();
        Path document = Archives.awaitOnly(archive);
        assertThat(Files.getAttribute(document, "unix:uid")).isEqualTo(User.NOBODY.uid());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(document)))
                .isEqualTo("rw-------");
        JsonNode report = new ObjectMapper().readTree(document.toFile());
        JsonNode attempt = report.path("attempts").path(0);
        assertThat(report.path("outcome").asText()).isEqualTo("swapped");
        assertThat(attempt.path("plan").path("backing").asText()).isEqualTo(backing.optionValue());
        assertThat(attempt.path("regions").path(0).path("sha256").asText()).hasSize(64);
    }

    @ParameterizedTest
    @EnumSource
    void aDryRunShowsThePlanAndNeverRunsTheProgram(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        Path place = Files.createDirectory(lab.directory().resolve("place"));
        User.NOBODY.own(place);

        Outcome dryRun = lab.tracer("--dry-run", "--strict")
                .of(Specimens.specimen(), "touch", place.resolve("the program ran"))
                .as(User.NOBODY)
                .run();

        assertThat(dryRun.status()).isZero();
        assertThat(dryRun.err()).isEmpty();
        assertThat(place).isEmptyDirectory();
        PlanLines plan = PlanLines.parse(dryRun.out());
        plan.assertIsPlan();
        assertThat(plan.header().path("backing").asText()).isEqualTo(backing.optionValue());
    }

    /** Whether the helper finds classes prepared for it beside its jar, which only the owner of that place can put there. */
    enum ClassData {
        MISSING,
        NOT_THEIRS_TO_READ
    }

    @ParameterizedTest
    @EnumSource
    void anInstallationThatIsNotTheirsNeedsNothingWrittenIntoIt(ClassData classData, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        FreshClone clone = FreshClone.withoutMaven(lab);
        Path built = Files.createDirectory(clone.top().resolve("helper/target"));
        link(built, "tiexec-helper.jar");
        link(built, "lib");
        Files.createSymbolicLink(
                clone.top().resolve("tracer/target"), Lab.root().resolve("tracer/target"));
        if (classData == ClassData.NOT_THEIRS_TO_READ) {
            for (Path prepared : preparedClasses(Lab.root().resolve("helper/target"))) {
                Path copy = Files.copy(prepared, built.resolve(prepared.getFileName()));
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
            }
        }
        List<Path> before = list(built);

        RunningProgram traced = clone.traced(List.of("--strict"), Specimens.specimen(), "check", "hold", "exit", "7")
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(Backing.HUGETLB);
        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.err()).isEmpty();
        assertThat(list(built)).isEqualTo(before);
    }

    static Stream<List<String>> waysToLibraries() {
        return Stream.of(
                List.of("--strict", "--targets=libs"),
                List.of("--strict", "--targets=exe,libs", "--follow=exec"),
                List.of("--strict", "--lib=" + Specimens.otherBlocksLibrary().getFileName()),
                List.of("--max-pages=4", "--targets=libs"),
                List.of("--dlopen=60", "--launch=in-place"),
                List.of("--dlopen=60", "--launch=child"));
    }

    @ParameterizedTest
    @MethodSource("waysToLibraries")
    void librariesAreOnHugePages(List<String> options, Lab lab) {
        lab.provide(Backing.THP);

        RunningProgram traced = lab.tracer(options.toArray(new String[0]))
                .of(Specimens.late(), "hold")
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        long possibleKb = pages(traced).possibleKb();
        long allowedKb = options.contains("--max-pages=4") ? 4 * 2048 : possibleKb;
        traced.awaitThat(
                "a library on huge pages", () -> pages(traced).equals(new TextPages(possibleKb, 0, allowedKb)));
        assertThat(traced.program().status("Uid")).startsWith(User.NOBODY.uid() + "\t");
        assertThat(traced.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
    }

    private static TextPages pages(RunningProgram program) {
        return TextPages.of(program.program(), Specimens.otherBlocksLibrary());
    }

    static Stream<List<Object>> commandsThatLeadToTheSpecimen() {
        return Stream.of(
                List.of("exec", "sh", "-c", "exec \"$0\" hold exit 7", Specimens.specimen()),
                List.of("exec", "nice", "env", Specimens.specimen(), "hold", "exit", "7"),
                List.of("tree", "sh", "-c", "\"$0\" hold exit 6; exit $(($? + 1))", Specimens.specimen()));
    }

    @ParameterizedTest
    @MethodSource("commandsThatLeadToTheSpecimen")
    void whatIsFollowedIsOnHugePages(List<Object> words, Lab lab) {
        lab.provide(Backing.THP);

        for (String launch : List.of("in-place", "child")) {
            RunningProgram traced = lab.tracer("--strict", "--follow=" + words.get(0), "--launch=" + launch)
                    .of(words.subList(1, words.size()).toArray())
                    .becoming(Specimens.specimen())
                    .as(User.NOBODY)
                    .start()
                    .awaitLine("ready");
            traced.text().assertWhollyOn(Backing.THP);
            assertThat(traced.program().status("TracerPid")).isEqualTo("0");
            assertThat(traced.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
        }
    }

    @Test
    void codeIsRoundedOutward(Lab lab) {
        lab.provide(Backing.THP);

        RunningProgram traced = lab.tracer("--strict", "--strategy=aggressive")
                .of(Specimens.specimenWithGaps(Linkage.PIE), "check", "hold", "check", "exit", "7")
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        assertThat(traced.program().read("maps"))
                .doesNotContainPattern(
                        "(?m) r-xp .*" + traced.program().executable().orElseThrow());
        assertThat(traced.finish().status()).isEqualTo(7);
    }

    @Test
    void theVariableSetsTheirOptions(Lab lab) {
        lab.provide(Backing.HUGETLB);

        RunningProgram traced = lab.tracer("--strict")
                .of(Specimens.specimen(), "check", "hold", "exit", "7")
                .with("TIEXEC", "backing=thp,launch=child")
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        traced.text().assertWhollyOn(Backing.THP);
        assertThat(traced.finish().status()).isEqualTo(7);
        assertThat(lab.traced(Specimens.specimen(), "exit", "7")
                        .with("TIEXEC", "off")
                        .as(User.NOBODY)
                        .run())
                .isEqualTo(new Outcome(7, "", ""));
    }

    @ParameterizedTest
    @EnumSource
    void theHelperPlansTheirOwnProcess(Backing backing, Lab lab) {
        lab.provide(backing);
        RunningProgram running = lab.plain(Specimens.specimen(), "hold", "check")
                .as(User.NOBODY)
                .start()
                .awaitLine("ready");

        Outcome helper = lab.helper("plan", "--pid=" + running.process().pid())
                .as(User.NOBODY)
                .run();

        assertThat(helper.status()).as(helper.toString()).isZero();
        PlanLines plan = PlanLines.parse(helper.out());
        plan.assertIsPlan();
        assertThat(plan.regionKb()).isEqualTo(running.text().possibleKb());
        assertThat(running.finish().status()).isZero();
    }

    @Test
    void theHelperPlansNoProcessOfAnotherUserAndSaysWhoMay(Lab lab) {
        RunningProgram running = lab.plain(Specimens.specimen(), "hold", "check")
                .as(User.DAEMON)
                .start()
                .awaitLine("ready");
        long pid = running.process().pid();

        Outcome helper = lab.helper("plan", "--pid=" + pid).as(User.NOBODY).run();

        assertThat(helper.status()).isEqualTo(1);
        assertThat(helper.out()).isEmpty();
        assertThat(helper.errLines())
                .singleElement()
                .asString()
                .contains("process " + pid + " cannot be read", "the same user, or root");
        assertThat(running.finish().status()).isZero();
    }

    private static void link(Path directory, String name) throws IOException {
        Files.createSymbolicLink(
                directory.resolve(name), Lab.root().resolve("helper/target").resolve(name));
    }

    private static List<Path> preparedClasses(Path directory) throws IOException {
        return list(directory).stream()
                .filter(file -> file.toString().endsWith(".jsa"))
                .toList();
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
