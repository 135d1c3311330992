package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.FileDigests;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TerminalSession;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.User;

/** What a program starts is optimised, too, and nobody in the family can tell. */
@InLab
final class FollowTreeIT {
    private static final Path SPECIMEN = Specimens.specimen();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int SOURCES = 4;
    private static final String CTRL_C = "\\x03";
    private static final String CTRL_Z = "\\x1a";

    @ParameterizedTest
    @EnumSource
    void aChildIsOnHugePagesAndNobodyTracesItAnyMore(Backing backing, Lab lab) {
        lab.provide(backing);

        RunningProgram traced = lab.tracer("--strict", "--follow=tree")
                .of("sh", "-c", "\"$0\" hold exit 3; exit $(($? + 1))", SPECIMEN)
                .becoming(SPECIMEN)
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);
        assertThat(traced.program()).isNotEqualTo(traced.process());
        assertThat(traced.program().status("TracerPid")).isEqualTo("0");

        assertThat(traced.finish()).isEqualTo(new Outcome(4, "ready\n", ""));
    }

    @Test
    void onlyWhatIsMeantIsOnHugePages(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path other = Files.copy(SPECIMEN, lab.directory().resolve("other-name"));

        String small = pagesOfAChild(lab, other, "--only=specimen-*");
        String huge = pagesOfAChild(lab, other, "--only=specimen-*", "--only=*/other-*");

        assertThat(small).isEqualTo("small");
        assertThat(huge).isEqualTo("huge");
    }

    private static String pagesOfAChild(Lab lab, Path program, String... options) {
        String[] all = Stream.concat(Stream.of("--strict", "--follow=tree"), Stream.of(options))
                .toArray(String[]::new);
        RunningProgram traced = lab.tracer(all)
                .of("sh", "-c", "\"$0\" hold; exit", program)
                .becoming(program)
                .start()
                .awaitLine("ready");
        String pages = traced.text().isWhollyOn(Backing.HUGETLB) ? "huge" : "small";
        assertThat(traced.finish().status()).isZero();
        return pages;
    }

    /** Two compilers at a time, each a child of a child of make. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void aBuildMakesTheSameFiles(String launch, Lab lab) throws Exception {
        lab.provide(Backing.THP);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));
        Path project = project(lab, "");
        Outcome plainly = lab.plain("make", "-s", "-j2").in(project).run();
        Map<String, String> plain = FileDigests.of(project);
        assertThat(lab.plain("make", "-s", "clean").in(project).run().status()).isZero();

        Outcome traced = lab.tracer(
                        "--strict", "--launch=" + launch, "--follow=tree", "--only=cc1plus", "--archive=" + archive)
                .of("make", "-s", "-j2")
                .in(project)
                .run();

        assertThat(traced).isEqualTo(plainly).isEqualTo(new Outcome(0, "", ""));
        assertThat(FileDigests.of(project)).isEqualTo(plain);
        assertThat(lab.plain(project.resolve("program")).run().out()).isEqualTo("sum 10\n");
        try (Stream<Path> reports = Files.list(archive)) {
            assertThat(reports.toList())
                    .hasSize(SOURCES + 1)
                    .allSatisfy(report ->
                            assertThat(Files.readString(report)).contains("\"outcome\" : \"swapped\"", "cc1plus"));
        }
    }

    @Test
    void aBuildThatFailsFailsTheSameWay(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path project = project(lab, "this is no C++\n");
        Command command = lab.plain("make", "-s").in(project);

        Outcome plain = command.run();
        assertThat(lab.plain("make", "-s", "clean").in(project).run().status()).isZero();
        Outcome traced = lab.tracer("--strict", "--follow=tree", "--only=cc1plus")
                .of("make", "-s")
                .in(project)
                .run();

        assertThat(plain.status()).isEqualTo(2);
        assertThat(traced).isEqualTo(plain);
    }

    private static Path project(Lab lab, String mistake) throws IOException {
        Path project = Files.createDirectory(lab.directory().resolve("project"));
        StringBuilder declarations = new StringBuilder();
        StringBuilder sum = new StringBuilder("0");
        StringBuilder objects = new StringBuilder("main.o");
        for (int i = 1; i <= SOURCES; i++) {
            Files.writeString(
                    project.resolve("part" + i + ".cc"),
                    "#include <map>\n#include <string>\nint part%d() { std::map<std::string, int> m; m[\"x\"] = %d; return m[\"x\"]; }\n"
                                    .formatted(i, i)
                            + (i == SOURCES ? mistake : ""));
            declarations.append("int part").append(i).append("();\n");
            sum.append(" + part").append(i).append("()");
            objects.append(" part").append(i).append(".o");
        }
        Files.writeString(
                project.resolve("main.cc"),
                "#include <cstdio>\n" + declarations + "int main() { std::printf(\"sum %d\\n\", " + sum + "); }\n");
        Files.writeString(
                project.resolve("Makefile"),
                "program: %s\n\tg++ -o $@ $^\n%%.o: %%.cc\n\tg++ -O1 -c -o $@ $<\nclean:\n\trm -f *.o program\n"
                        .formatted(objects));
        return project;
    }

    /** Stops, continuations, ends, threads that start commands, a storm of forks: see {@code family.c}. */
    @ParameterizedTest
    @CsvSource({"in-place, false", "in-place, true", "child, false", "child, true"})
    void parentsSeeTheSameOfTheirChildren(String launch, boolean ordinary, Lab lab) {
        Outcome plain = lab.plain(Specimens.family(), "100").run();
        Command command =
                lab.tracer("--strict", "--launch=" + launch, "--follow=tree").of(Specimens.family(), "100");

        Outcome traced = (ordinary ? command.as(User.NOBODY) : command).run();

        assertThat(plain.status()).isEqualTo(17);
        assertThat(traced).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yes | head -n 50000 | wc -l; echo ${PIPESTATUS[@]}",
                "trap 'echo interrupted; wait; exit 3' INT; (sleep 0.2; kill -INT 0) & cat <(sleep 5 & wait) | cat",
                "for i in $(seq 200); do (exit $((i % 250))) & p[$i]=$!; done; for i in $(seq 200); do wait ${p[$i]}; echo $?; done",
                "kill -STOP $BASHPID & sleep 0.1; kill -CONT $!; wait $!; echo $?",
                "exec 3< <(echo text); cat <&3; coproc cat; echo hello >&${COPROC[1]}; read -r x <&${COPROC[0]}; echo $x",
            })
    void shellsWorkTheSame(String script, Lab lab) {
        Object[] bash = {"setsid", "-w", "bash", "-c", script};
        Outcome plain = lab.plain(bash).run();

        assertThat(lab.tracer("--follow=tree").of(bash).run()).isEqualTo(plain);
        assertThat(lab.tracer("--follow=tree").of(bash).as(User.NOBODY).run()).isEqualTo(plain);
    }

    /** Its parents have ended, the command that was started among them. */
    @Test
    void aDaemonIsOnHugePages(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path end = lab.fifo("end");
        String daemon = "setsid sh -c '\"$0\" hold <\"$1\" >\"$2\" & exit 0' \"$0\" \"$1\" \"$2\"; exit 6";

        RunningProgram command = lab.tracer("--strict", "--follow=tree")
                .of("sh", "-c", daemon, SPECIMEN, end, lab.file("out", ""))
                .start();
        RunningProgram owner = lab.plain("sh", "-c", "exec 3>\"$0\"; echo owner; read line; exit 0", end)
                .start()
                .awaitLine("owner");

        assertThat(command.finish().status()).isEqualTo(6);
        Optional<LiveProcess> found = lab.processes().stream()
                .filter(process -> process.executable().equals(Optional.of(SPECIMEN)))
                .findFirst();
        TextPages.of(found.orElseThrow()).assertWhollyOn(Backing.HUGETLB);
        assertThat(owner.finish().status()).isZero();
        assertThat(lab.remaining(PATIENCE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"in-place", "child"})
    void programsThatGivePrivilegesGiveThem(String launch, Lab lab) throws IOException {
        Path setId = copy(lab, "set-id", 0755);
        User.DAEMON.own(setId);
        Files.setAttribute(setId, "unix:mode", 04755);
        Path unreadable = copy(lab, "unreadable", 0755);
        User.DAEMON.own(unreadable);
        Files.setAttribute(unreadable, "unix:mode", 04711);
        Path capable = copy(lab, "capable", 0755);
        assertThat(lab.plain("setcap", "cap_net_bind_service+ep", capable).run().status())
                .isZero();
        Path script = lab.script("script", "#!" + setId + " ids\n");
        String[] commands = {
            setId + " ids",
            "exec " + setId + " ids",
            "(" + setId + " ids; true) | cat",
            unreadable + " ids; true",
            capable + " ids; true",
            script + "; true",
            "cd " + lab.directory() + " && env nice ./set-id ids",
        };

        for (String command : commands) {
            Outcome plain = lab.plain("sh", "-c", command).as(User.NOBODY).run();
            Outcome traced = lab.tracer("--strict", "--follow=tree", "--launch=" + launch)
                    .of("sh", "-c", command)
                    .as(User.NOBODY)
                    .run();
            Outcome followed = lab.tracer("--follow=exec", "--launch=" + launch)
                    .of("sh", "-c", command)
                    .as(User.NOBODY)
                    .run();

            assertThat(plain.out()).as(command).contains("secure 1");
            assertThat(traced).as(command).isEqualTo(plain);
            assertThat(followed).as(command).isEqualTo(plain);
        }
    }

    private static Path copy(Lab lab, String name, int mode) throws IOException {
        Path copy = Files.copy(SPECIMEN, lab.directory().resolve(name));
        Files.setAttribute(copy, "unix:mode", mode);
        return copy;
    }

    @Test
    void whenTheTracerDiesTheWholeFamilyGoesOn(Lab lab) {
        Path go = lab.fifo("go");

        RunningProgram traced = lab.tracer("--follow=tree")
                .of("sh", "-c", "(read line <\"$1\"; \"$0\" exit 8) & echo waiting; wait $!; exit $?", SPECIMEN, go)
                .start()
                .awaitLine("waiting");
        traced.tracer().signal("KILL");
        assertThat(lab.plain("sh", "-c", "echo >\"$0\"", go).run().status()).isZero();

        assertThat(traced.finish().status()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void aJobOfSeveralProcessesLooksTheSameInATerminal(String launch, Lab lab) {
        Path script =
                lab.script("job", "#!/bin/sh\n\"" + Specimens.listener() + "\" terminal\necho \"ended with $?\"\n");

        String plain = screen(lab, lab.plain(script));
        String traced = screen(
                lab,
                lab.tracer("--follow=tree", "--backing=thp", "--launch=" + launch)
                        .of(script));

        assertThat(traced).isEqualTo(plain);
        assertThat(plain).endsWith("\n[exited with 42]\n");
    }

    private static String screen(Lab lab, Command command) {
        TerminalSession session = TerminalSession.withBash(lab, command);
        Consumer<TerminalSession> person = at -> {
            at.type("PROGRAM\\n").see("ready");
            at.type("one\\n").see("after 0 continuations: one");
            at.type(CTRL_Z).see("Stopped").see("$ ");
            at.ask("echo $?").ask("jobs");
            at.type("fg\\n").see("job\n");
            at.type("two\\n").see("after 1 continuations: two");
            at.type(CTRL_C).see("$ ");
            at.ask("echo $?").ask("jobs");
        };
        person.accept(session);
        return session.type("exit 42\\n").awaitEnd().screen();
    }

    /** Those of a tree that have none of that size are followed on from their entry points. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void theLibrariesOfADescendantAreOnHugePages(String launch, Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path starter = Files.copy(Path.of("/usr/bin/env"), lab.directory().resolve("starter"));

        RunningProgram traced = lab.tracer("--strict", "--targets=libs", "--follow=tree", "--launch=" + launch)
                .of(starter, "sh", "-c", "\"$0\" \"$1\" hold; exit $(($? + 1))", starter, Specimens.late())
                .becoming(Specimens.late())
                .start()
                .awaitLine("ready");
        TextPages.of(traced.program(), Specimens.blocksLibrary()).assertWhollyOn(Backing.THP);
        TextPages.of(traced.program(), Specimens.otherBlocksLibrary()).assertWhollyOn(Backing.THP);
        assertThat(traced.program().status("TracerPid")).isEqualTo("0");

        assertThat(traced.finish()).isEqualTo(new Outcome(8, "ready\n", ""));
    }

    /** Its constructor waits for what another program of the tree says, which waits for it to be met. */
    @Test
    void whoIsSlowToItsEntryPointHoldsUpTheOthersForSomeTimeOnly(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path sayer = Files.copy(Path.of("/usr/bin/printf"), lab.directory().resolve("sayer"));
        String script = "exec 3<>\"$2\"; \"$0\" byte <&3 & until [[ $(</proc/$!/maps) == */early-* ]]; do :; done;"
                + " \"$1\" x >&3; wait $!; echo $?";

        Outcome traced = lab.tracer("-v", "--timeout=3", "--targets=libs", "--follow=tree")
                .of("bash", "-c", script, Specimens.late(), sayer, lab.fifo("pipe"))
                .run();

        assertThat(traced.out()).isEqualTo("7\n");
        assertThat(traced.err()).contains("than 3.0 s (--timeout=SECONDS)");
    }

    @Test
    void strictnessEndsADescendantThatCannotBeHeldAlone(Lab lab) {
        lab.provide(Backing.THP);

        Outcome strict = lab.tracer("--strict", "--targets=libs", "--follow=tree")
                .of("sh", "-c", "\"$0\" threads; echo $?", Specimens.late())
                .run();
        Outcome named = lab.tracer("--strict", "--targets=libs", "--follow=tree", "--launch=child")
                .of(Specimens.late(), "threads")
                .run();

        assertThat(strict.status()).isZero();
        assertThat(strict.out()).isEqualTo("125\n");
        assertThat(named.status()).isEqualTo(125);
        assertThat(named.errLines()).singleElement().asString().contains("have started threads", "was not run");
    }
}
