package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.HeldAnswers;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Installation;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PlanLines;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;

/** With {@code --user} no instruction of the program is executed as whoever started it, or none at all. */
@InLab
final class OtherUserIT {
    private static final String USER = "--user=nobody";
    private static final int SET_UID = 04755;

    /** As the kernel tells it of a program that setpriv(1) starts: the measure of all things here. */
    private static Outcome bySetpriv(Lab lab, List<String> options, Object... program) {
        List<Object> words = new ArrayList<>(List.of("setpriv"));
        words.addAll(options);
        words.add("--");
        return lab.plain(program).after(words.toArray()).run();
    }

    private static Outcome asNobody(Lab lab, Object... program) {
        return bySetpriv(lab, List.of("--reuid=nobody", "--regid=nogroup", "--init-groups"), program);
    }

    /** A way by which a program comes to run, or not. */
    enum Way {
        IN_PLACE,
        AS_A_CHILD,
        WITH_NOTHING_TO_GAIN,
        WITH_NOTHING_TO_GAIN_AS_THE_TRACER_FINDS,
        WITH_NOTHING_TO_GAIN_AS_A_CHILD,
        WITHOUT_JAVA,
        SWITCHED_OFF,
        WITHOUT_A_HELPER,
        WITHOUT_A_HELPER_AS_A_CHILD,
        WITH_A_HELPER_THAT_DIES,
        WITH_A_HELPER_THAT_SAYS_NOTHING,
        WHERE_NO_JVM_CAN_START,
        WHERE_PTRACE_IS_DEADLY,
        WHERE_PTRACE_IS_DEADLY_AS_A_CHILD,
        WHERE_NO_PAGE_CAN_BE_HAD,
        WITHOUT_CAPABILITIES_TO_TRACE;

        Command command(Lab lab, Path program, Path small, String... options) {
            return switch (this) {
                case IN_PLACE -> tracer(lab, options, "--launch=in-place").of(program);
                case AS_A_CHILD -> tracer(lab, options, "--launch=child").of(program);
                case WITH_NOTHING_TO_GAIN -> tracer(lab, options).of(small);
                case WITH_NOTHING_TO_GAIN_AS_THE_TRACER_FINDS ->
                    tracer(lab, options, "-v", "--launch=in-place").of(small);
                case WITH_NOTHING_TO_GAIN_AS_A_CHILD ->
                    tracer(lab, options, "-v", "--launch=child").of(small);
                case WITHOUT_JAVA -> withoutJava(tracer(lab, options).of(program));
                case SWITCHED_OFF -> tracer(lab, options).of(program).with("TIEXEC", "off");
                case WITHOUT_A_HELPER ->
                    Installation.withoutHelper(lab).tracer(options).of(program);
                case WITHOUT_A_HELPER_AS_A_CHILD ->
                    Installation.withoutHelper(lab)
                            .tracer(with(options, "--launch=child"))
                            .of(program);
                case WITH_A_HELPER_THAT_DIES ->
                    Installation.withAnswersThrough(lab, "sed -u '/\"type\":\"step\"/q'")
                            .tracer(options)
                            .of(program);
                case WITH_A_HELPER_THAT_SAYS_NOTHING ->
                    Installation.withHelper(lab, "#!/bin/sh\nexec sleep 60\n")
                            .tracer(with(options, "--timeout=1"))
                            .of(program);
                case WHERE_NO_JVM_CAN_START ->
                    tracer(lab, options, "--launch=in-place").of(program).after(Specimens.under(), "mdwe");
                case WHERE_PTRACE_IS_DEADLY ->
                    tracer(lab, options, "--launch=in-place").of(program).after(Specimens.under(), "kill:ptrace");
                case WHERE_PTRACE_IS_DEADLY_AS_A_CHILD ->
                    tracer(lab, options, "--launch=child").of(program).after(Specimens.under(), "kill:ptrace");
                case WHERE_NO_PAGE_CAN_BE_HAD ->
                    tracer(lab, options, "--backing=thp").of(program).after(Specimens.under(), "no-thp");
                case WITHOUT_CAPABILITIES_TO_TRACE ->
                    tracer(lab, options)
                            .of(program)
                            .after("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace");
            };
        }

        private static org.tiexec.it.support.TracerRun tracer(Lab lab, String[] options, String... more) {
            return lab.tracer(with(options, more));
        }

        private static String[] with(String[] options, String... more) {
            List<String> all = new ArrayList<>(Arrays.asList(options));
            all.addAll(Arrays.asList(more));
            return all.toArray(new String[0]);
        }
    }

    private static Command withoutJava(Command command) {
        return command.with("PATH", "/nowhere").with("JAVA_HOME", "");
    }

    @ParameterizedTest
    @EnumSource
    void theFirstInstructionIsTheOtherUsers(Way way, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path program = Specimens.credentialsFromTheFirstInstruction();
        Path small = Specimens.smallCredentials();
        Command command = way.command(lab, program, small, USER);

        Outcome outcome = command.run();

        assertThat(outcome.status()).as(outcome.err()).isEqualTo(7);
        String first = command.words().contains(small.toString()) ? "TIEXEC=" : "nothing follows";
        assertThat(before(first, outcome.out())).isEqualTo(before(first, restricted(way, lab, program)));
        assertThat(outcome.out()).contains("Uid:\t65534\t65534\t65534\t65534\n", "CapEff:\t0000000000000000\n");
    }

    /** What setpriv(1) would make of the program there; a filter or a smaller set is inherited by both. */
    private static String restricted(Way way, Lab lab, Path program) {
        Command plain = lab.plain(program).after("setpriv", "--reuid=nobody", "--regid=nogroup", "--init-groups", "--");
        return switch (way) {
            case WHERE_PTRACE_IS_DEADLY, WHERE_PTRACE_IS_DEADLY_AS_A_CHILD ->
                plain.after(Specimens.under(), "kill:ptrace").run().out();
            case WITHOUT_CAPABILITIES_TO_TRACE ->
                plain.after("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace")
                        .run()
                        .out();
            default -> plain.run().out();
        };
    }

    private static String before(String mark, String text) {
        int at = text.indexOf(mark);
        return at < 0 ? text : text.substring(0, at);
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void noConstructorRunsAsSomebodyElse(String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome outcome = lab.tracer("--strict", "--launch=" + launch, USER)
                .of(Specimens.credentials())
                .run();

        assertThat(outcome).isEqualTo(asNobody(lab, Specimens.credentials()));
        assertThat(outcome.status()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource
    void itsCodeIsOnHugePages(Backing backing, Lab lab) {
        lab.provide(backing);

        RunningProgram traced = lab.tracer("--strict", "--backing=" + backing.optionValue(), USER)
                .of(Specimens.specimen(), "check", "hold", "check", "exit", "42")
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.program().status("Uid")).startsWith(User.NOBODY.uid() + "\t");
        assertThat(traced.finish().status()).isEqualTo(42);
    }

    /** A shell, and what it becomes or starts. */
    @ParameterizedTest
    @CsvSource({"exec, in-place", "exec, child", "tree, in-place", "tree, child"})
    void whatIsFollowedIsTheOtherUserToo(String reach, String launch, Lab lab) {
        lab.provide(Backing.THP);
        String script = reach.equals("exec") ? "id -u; exec \"$0\" hold" : "id -u; \"$0\" hold; exit 0";

        RunningProgram traced = lab.tracer("--strict", "--follow=" + reach, "--launch=" + launch, USER)
                .of("sh", "-c", script, Specimens.specimen())
                .becoming(Specimens.specimen())
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(Backing.THP);

        assertThat(traced.program().status("Uid")).startsWith(User.NOBODY.uid() + "\t");
        assertThat(traced.finish()).isEqualTo(new Outcome(0, User.NOBODY.uid() + "\nready\n", ""));
    }

    @Test
    void aShellThatCouldBeFollowedIsNotRunAsTheStarterEither(Lab lab) {
        Object[] shell = {"/bin/sh", "-c", "exec /usr/bin/id -u"};

        assertNotRun(
                withoutSetpriv(withoutJava(lab.tracer("--follow=exec", USER).of(shell)))
                        .run());
        assertNotRun(withoutSetpriv(lab.tracer("--follow=exec", USER).of(shell).with("TIEXEC", "off"))
                .run());
        assertThat(withoutJava(lab.tracer("--follow=exec", USER).of(shell))
                        .run()
                        .out())
                .isEqualTo(User.NOBODY.uid() + "\n");
    }

    /** Without setpriv(1) only the tracer could do it; and where it does not come to that, nobody does. */
    @ParameterizedTest
    @CsvSource({
        "IN_PLACE, 7",
        "AS_A_CHILD, 7",
        "WITH_NOTHING_TO_GAIN, 7",
        "WITH_NOTHING_TO_GAIN_AS_THE_TRACER_FINDS, 7",
        "WITH_NOTHING_TO_GAIN_AS_A_CHILD, 7",
        "WITHOUT_JAVA, 125",
        "SWITCHED_OFF, 125",
        "WITHOUT_A_HELPER, 7",
        "WITHOUT_A_HELPER_AS_A_CHILD, 7",
        "WITH_A_HELPER_THAT_DIES, 7",
        "WITH_A_HELPER_THAT_SAYS_NOTHING, 7",
        "WHERE_NO_JVM_CAN_START, 125",
        "WHERE_PTRACE_IS_DEADLY, 125",
        "WHERE_PTRACE_IS_DEADLY_AS_A_CHILD, 7"
    })
    void withoutSetprivItIsDoneByTheTracerOrNotAtAll(Way way, int status, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path small = Specimens.smallCredentials();

        Outcome outcome = withoutSetpriv(way.command(lab, Specimens.credentialsFromTheFirstInstruction(), small, USER))
                .run();

        assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
        if (status == 7) {
            assertThat(outcome.out()).startsWith("Uid:\t65534\t65534\t65534\t65534\n");
        } else {
            assertNotRun(outcome);
        }
    }

    private static Command withoutSetpriv(Command command) {
        return command.after(
                "unshare",
                "--mount",
                "/bin/sh",
                "-c",
                "for each in /usr/bin/setpriv /bin/setpriv; do"
                        + " [ ! -x $each ] || PATH=/usr/bin:/bin mount --bind /dev/null $each || exit 99; done; exec \"$@\"",
                "sh");
    }

    private static void assertNotRun(Outcome outcome) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(125);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).startsWith("tracer: ").endsWith("the program was not run\n");
    }

    /** The tracer ends before it holds the process: the shell that waits there is the starter's. */
    @ParameterizedTest
    @CsvSource({"KILL, true, 7", "KILL, false, 125", "STOP, true, 7", "STOP, false, 125"})
    void aTracerThatFailsDoesNotMakeItTheStarters(String signal, boolean hasSetpriv, int status, Lab lab) {
        HeldAnswers answers = new HeldAnswers(lab, "hello");
        Command command = answers.tracer("--launch=in-place", USER).of(Specimens.credentialsFromTheFirstInstruction());
        RunningProgram traced = (hasSetpriv ? command : withoutSetpriv(command)).start();
        answers.await();

        traced.tracer().signal(signal);
        Outcome outcome = traced.finish();
        answers.release();

        assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
        assertThat(outcome.out())
                .isEqualTo(
                        hasSetpriv
                                ? asNobody(lab, Specimens.credentialsFromTheFirstInstruction())
                                        .out()
                                : "");
        assertThat(outcome.err()).contains("the tracer ended before it could trace the program");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--user=nobody:daemon | --reuid=nobody --regid=daemon --init-groups",
                "--user=65534 | --reuid=65534 --regid=65534 --init-groups",
                "--user=65534:1 --groups=daemon,7 | --reuid=65534 --regid=1 --groups=1,7",
                "--user=nobody --groups= | --reuid=nobody --regid=nogroup --clear-groups",
                "--user nobody --groups daemon | --reuid=nobody --regid=nogroup --groups=daemon",
                "--user=4242:4243 | --reuid=4242 --regid=4243 --groups=4243",
                "--user=root:daemon | --reuid=root --regid=daemon --init-groups",
                "--user=daemon --user=nobody | --reuid=nobody --regid=nogroup --init-groups",
            })
    void usersAndGroupsAreNamedOrNumbered(String options, String setpriv, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome expected = bySetpriv(lab, List.of(setpriv.split(" ", -1)), Specimens.credentials());
        Outcome expectedSmall = bySetpriv(lab, List.of(setpriv.split(" ", -1)), Specimens.smallCredentials());

        assertThat(lab.tracer(options.split(" ", -1))
                        .of(Specimens.credentials())
                        .run())
                .isEqualTo(expected);
        assertThat(lab.tracer(options.split(" ", -1))
                        .of(Specimens.smallCredentials())
                        .run())
                .isEqualTo(expectedSmall);
        assertThat(expected.out()).startsWith("Uid:");
    }

    @Test
    void whoIsInGroupsOfTheDatabaseIsInThem(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path groups = lab.directory().resolve("group");
        Files.writeString(groups, Files.readString(Path.of("/etc/group")) + "tiexec-it:x:54321:nobody,daemon\n");
        Object[] inTheGroup = {
            "unshare", "--mount", "sh", "-c", "mount --bind '" + groups + "' /etc/group && exec \"$@\"", "sh"
        };

        Outcome traced =
                lab.tracer(USER).of(Specimens.credentials()).after(inTheGroup).run();

        assertThat(traced)
                .isEqualTo(lab.plain(Specimens.credentials())
                        .after("setpriv", "--reuid=nobody", "--regid=nogroup", "--init-groups", "--")
                        .after(inTheGroup)
                        .run());
        assertThat(traced.outLines()).contains("Groups:\t54321 65534 ");
    }

    /** A name that is known to nobody, and numbers that the kernel would take for no change at all or for root. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--user=tiexec-nobody",
                "--user=nobody:tiexec-nogroup",
                "--user=nobody --groups=daemon,tiexec-nogroup",
                "--user=nobody --groups=daemon,",
                "--user=nobody --groups=4294967295",
                "--user=4242",
                "--user=4294967295:65534",
                "--user=4294967296:65534",
                "--user=18446744073709551616:65534",
                "--user=nobody:4294967295",
                "--user=nobody:4294967296",
                "--user=-1:65534",
                "--user=+0:65534",
                "--user=00:65534",
                "--user=:65534",
                "--user=nobody:",
                "--user=",
                "--groups=daemon"
            })
    void whoCannotBeFoundIsNobodyToRunAs(String options, Lab lab) {
        for (Path program : List.of(Specimens.credentials(), Specimens.smallCredentials())) {
            Command command = lab.tracer(options.split(" ", -1)).of(program);

            assertNotRun(command.run());
            assertNotRun(withoutJava(command).run());
            assertNotRun(command.with("TIEXEC", "off").run());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--user=daemon", "--user=root", "--user=nobody", "--user=daemon --launch=child"})
    void whoMayNotBecomeAnotherUserRunsNothing(String options, Lab lab) {
        for (Path program : List.of(Specimens.credentials(), Specimens.smallCredentials())) {
            Command command = lab.tracer(options.split(" ", -1)).of(program).as(User.NOBODY);

            Outcome outcome = command.run();

            assertNotRun(outcome);
            assertThat(outcome.err()).contains("CAP_SETUID");
            assertNotRun(withoutJava(command).run());
            assertNotRun(command.with("TIEXEC", "off").run());
        }
    }

    /** There root may have capabilities, and the kernel still knows no other user. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whereTheKernelRefusesTheProgramIsNotRun(String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Object[] namespace = {"unshare", "--user", "--map-root-user"};
        assumeTrue(lab.plain("true").after(namespace).run().status() == 0, "no user namespaces here");
        for (Path program : List.of(Specimens.credentials(), Specimens.smallCredentials())) {
            Command command = lab.tracer(USER, "--launch=" + launch).of(program).after(namespace);

            Outcome outcome = command.run();

            assertNotRun(outcome);
            assertThat(outcome.errLines()).hasSize(1);
            assertNotRun(withoutJava(command).run());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "eperm:setresuid, in-place",
        "eperm:setresuid, child",
        "kill:setresuid, in-place",
        "kill:setresuid, child",
        "kill:setgroups, in-place",
        "kill:setresgid, child"
    })
    void aFilterThatIsInTheWayKeepsTheProgramFromRunning(String filter, String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);
        for (Path program : List.of(Specimens.credentials(), Specimens.smallCredentials())) {
            Command command = lab.tracer(USER, "--launch=" + launch).of(program).after(Specimens.under(), filter);

            assertNotRun(command.run());
            assertNotRun(withoutJava(command).run());
        }
    }

    @Test
    void whereProcTellsOfOtherProcessesItIsStillTheOtherUsers(Lab lab) {
        Command command = lab.tracer(USER).of(Specimens.credentials());

        Outcome outcome = command.after("unshare", "--pid", "--fork").run();

        assertThat(outcome.out())
                .isEqualTo(asNobody(lab, Specimens.credentials()).out());
        assertThat(outcome.err()).contains("/proc is not that of this pid namespace");
        assertNotRun(withoutSetpriv(command.after("unshare", "--pid", "--fork")).run());
    }

    @Test
    void aSetUserIdProgramHasItsOwnersRightsAsWithSetpriv(Lab lab) throws IOException {
        Path program = Files.copy(Specimens.credentials(), lab.directory().resolve("program"));
        User.DAEMON.own(program);
        Files.setAttribute(program, "unix:mode", SET_UID);

        Outcome traced = lab.tracer(USER).of(program).run();

        assertThat(traced).isEqualTo(asNobody(lab, program));
        assertThat(traced.out()).startsWith("Uid:\t65534\t1\t1\t1\n");
        assertNotRun(withoutSetpriv(lab.tracer(USER).of(program)).run());
    }

    @Test
    void aProgramWithFileCapabilitiesHasTheseAsWithSetpriv(Lab lab) throws IOException {
        Path program = Files.copy(Specimens.credentials(), lab.directory().resolve("program"));
        assertThat(lab.plain("setcap", "cap_net_bind_service+ep", program).run().status())
                .isZero();

        Outcome traced = lab.tracer(USER).of(program).run();

        assertThat(traced).isEqualTo(asNobody(lab, program));
        assertThat(traced.outLines()).contains("CapEff:\t0000000000000400");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatMayBeExecutedIsForTheOtherUserToTry(boolean hasJava, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path closed = Files.createDirectory(lab.directory().resolve("closed"));
        Path open = Files.createDirectory(lab.directory().resolve("open"));
        Files.copy(Specimens.specimen(), closed.resolve("program"));
        Files.copy(Specimens.credentials(), open.resolve("program"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(open.resolve("program"), PosixFilePermissions.fromString("rwxr-xr-x"));
        String path = closed + ":" + open;
        Command along =
                lab.tracer(USER).of("program").with("PATH", hasJava ? path + ":" + System.getenv("PATH") : path);
        Command closedOne = lab.tracer(USER).of(closed.resolve("program"));
        Command missing = lab.tracer(USER).of(open.resolve("nothing"));

        Outcome found = (hasJava ? along : along.with("JAVA_HOME", "")).run();
        Outcome denied = (hasJava ? closedOne : withoutJava(closedOne)).run();
        Outcome notFound = (hasJava ? missing : withoutJava(missing)).run();

        assertThat(found.out()).isEqualTo(asNobody(lab, Specimens.credentials()).out());
        assertThat(found.status()).isEqualTo(7);
        assertThat(denied.status()).isEqualTo(126);
        assertThat(denied.out()).isEmpty();
        assertThat(notFound.status()).isEqualTo(127);
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void aScriptRunsAsTheOtherUser(String launch, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path script = lab.script("script", "#!" + Specimens.credentials() + " word\n");

        assertThat(lab.tracer(USER, "--launch=" + launch).of(script).run()).isEqualTo(asNobody(lab, script));
    }

    @Test
    void theEnvironmentStaysTheStarters(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.tracer(USER)
                .of(Specimens.credentials())
                .with("HOME", "/root")
                .with("USER", "root")
                .with("LOGNAME", "root")
                .run();

        assertThat(traced.outLines()).contains("HOME=/root", "USER=root", "LOGNAME=root");
    }

    @Test
    void noNewPrivilegesAndAmbientCapabilitiesAreAsWithSetpriv(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Object[] state = {
            "setpriv",
            "--no-new-privs",
            "--inh-caps=+net_admin",
            "--ambient-caps=+net_admin",
            "--bounding-set=-sys_boot"
        };

        Outcome traced =
                lab.tracer(USER).of(Specimens.credentials()).after(state).run();

        assertThat(traced)
                .isEqualTo(lab.plain(Specimens.credentials())
                        .after("setpriv", "--reuid=nobody", "--regid=nogroup", "--init-groups", "--")
                        .after(state)
                        .run());
        assertThat(traced.outLines()).contains("NoNewPrivs:\t1", "CapAmb:\t0000000000000000");
    }

    @Test
    void aDryRunMeetsTheProgramAndNeverRunsIt(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome dryRun =
                lab.tracer(USER, "--dry-run").of(Specimens.credentials()).run();

        assertThat(dryRun.status()).as(dryRun.err()).isZero();
        PlanLines.parse(dryRun.out()).assertIsPlan();
        assertThat(dryRun.out()).doesNotContain("Uid:");
    }

    @Test
    void theArchiveIsTheStartersAndTellsOfTheUser(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rwx------"));

        Outcome traced = lab.tracer(USER, "-v", "--archive=" + archive)
                .of(Specimens.credentials())
                .run();

        assertThat(traced.status()).as(traced.err()).isEqualTo(7);
        assertThat(traced.err()).contains("it runs as user 65534, group 65534, supplementary groups 65534");
        Path document = Archives.awaitOnly(archive);
        assertThat(Files.getAttribute(document, "unix:uid")).isEqualTo(0);
        JsonNode report = new ObjectMapper().readTree(document.toFile());
        assertThat(report.path("outcome").asText()).isEqualTo("swapped");
        assertThat(report.toString()).contains("it runs as user 65534");
    }

    /** The launcher and the tracer each read the command line: what they read differently is nobody's guess. */
    @Test
    void aUserThatIsAnOptionsValueIsNoUser(Lab lab) {
        Outcome outcome =
                lab.tracer("--archive", USER).of(Specimens.credentials()).run();

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void nothingOfOursIsLeftInTheProgram(Lab lab) {
        lab.provide(Backing.HUGETLB);

        RunningProgram traced = lab.tracer(USER, "--launch=in-place")
                .of(Specimens.specimen(), "hold")
                .start()
                .awaitLine("ready");

        assertThat(traced.program()).isEqualTo(traced.process());
        assertThat(traced.process().status("TracerPid")).isEqualTo("0");
        assertThat(traced.finish().err()).isEmpty();
    }
}
