package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;

/** The commands can be called from anywhere, by any name, and say what they miss. */
@InLab
final class LauncherIT {
    @Test
    void theTracerIsFoundThroughSymbolicLinks(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path absolute = Files.createSymbolicLink(
                lab.directory().resolve("absolute"), Lab.root().resolve("tracer/bin/tracer"));
        Path relative = Files.createSymbolicLink(lab.directory().resolve("tracer"), absolute.getFileName());

        assertRunsStrictly(lab, lab.plain(relative));
    }

    @Test
    void theTracerIsFoundByARelativePath(Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertRunsStrictly(lab, lab.plain("tracer/bin/tracer").in(Lab.root()));
        assertRunsStrictly(lab, lab.plain("./tracer").in(Lab.root().resolve("tracer/bin")));
        assertRunsStrictly(lab, lab.plain("sh", "tracer").in(Lab.root().resolve("tracer/bin")));
    }

    @Test
    void theTracerIsFoundAlongPath(Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertRunsStrictly(
                lab,
                lab.plain("env", "tracer")
                        .with("PATH", Lab.root().resolve("tracer/bin") + ":" + System.getenv("PATH")));
    }

    @Test
    void theHelperIsFoundThroughASymbolicLink(Lab lab) throws IOException {
        Path link = Files.createSymbolicLink(
                lab.directory().resolve("h"), Lab.root().resolve("helper/bin/helper"));

        Outcome helper =
                lab.plain(link, "plan", "--elf=" + Specimens.specimen()).run();

        assertThat(helper.status()).as(helper.toString()).isZero();
    }

    @Test
    void withoutJavaTheProgramRunsPlainWithAReason(Lab lab) {
        Outcome traced = withoutJava(lab.traced(Specimens.specimen(), "say", "plain", "exit", "7"))
                .run();

        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.out()).isEqualTo("plain\n");
        assertThat(traced.errLines()).isNotEmpty().allMatch(line -> line.startsWith("tracer: "));
        assertThat(traced.err()).contains("apt-get install openjdk-17-jre-headless");
    }

    @Test
    void withoutJavaAStrictLaunchDoesNotRunTheProgram(Lab lab) {
        Outcome strict = withoutJava(lab.tracer("--strict").of(Specimens.specimen(), "say", "plain"))
                .run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(strict.out()).isEmpty();
        assertThat(strict.err()).contains("apt-get install openjdk-17-jre-headless");
    }

    @Test
    void whereProcTellsOfOtherProcessesTheProgramRunsPlain(Lab lab) {
        Outcome traced = lab.traced(Specimens.specimen(), "say", "hello", "exit", "7")
                .after("unshare", "--pid", "--fork")
                .run();

        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.out()).isEqualTo("hello\n");
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .contains("/proc is not that of this pid namespace; mount it: mount -t proc proc /proc");
    }

    @Test
    void whereJustEnoughIsAllowedAJvmDoesStart(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.tracer("--strict")
                .of(Specimens.specimen(), "check", "exit", "7")
                .after("sh", "-c", "ulimit -v 4194304; exec \"$@\"", "sh")
                .run();

        assertThat(traced.status()).as(traced.err()).isEqualTo(7);
    }

    @Test
    void whatCannotBeWrittenIsAFailure(Lab lab) {
        String full = "exec \"$@\" >/dev/full";
        Object[][] commands = {{"--help"}, {"run", "--dry-run", "--", Specimens.specimen()}};
        for (Object[] command : commands) {
            Outcome tracer =
                    lab.tracerCommand(command).after("sh", "-c", full, "sh").run();

            assertThat(tracer.status()).isEqualTo(125);
            assertThat(tracer.errLines()).singleElement().asString().contains("standard output cannot be written to");
        }
    }

    @Test
    void anArchiveThatMayNotBeWrittenIsSaidToBeSo(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.tracer("--launch=child", "--archive=" + lab.directory())
                .of(Specimens.specimen(), "exit", "7")
                .as(User.NOBODY)
                .run();

        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .contains("the archive was not written: you may not write to " + lab.directory());
    }

    private static Command withoutJava(Command command) {
        return command.with("PATH", "/nowhere").with("JAVA_HOME", "");
    }

    private static void assertRunsStrictly(Lab lab, Command tracer) {
        Object[] program = {Specimens.specimen(), "check", "exit", "42"};

        assertThat(tracer.before("run", "--strict", "--").before(program).run())
                .isEqualTo(lab.plain(program).run());
    }
}
