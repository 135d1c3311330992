package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.FreshClone;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;

/** The first use builds the project; whatever becomes of that, the program runs. */
@InLab
final class FirstUseIT {
    private static final Duration BUILD = Duration.ofMinutes(8);

    /** Stands for Maven: what has been built of the project takes the place of what it would build. */
    private static final String LINK_THE_BUILD = """
            echo "$0 $*" >>mvn.log
            sleep 0.5
            ln -s '%s/helper/target' helper/target
            ln -s '%s/tracer/target' tracer/target
            """.formatted(Lab.root(), Lab.root());

    /** Why a clone cannot be built. */
    enum Obstacle {
        NO_MAVEN("", "apt-get install maven openjdk-17-jdk-headless") {
            @Override
            FreshClone clone(Lab lab) {
                return FreshClone.withoutMaven(lab);
            }
        },
        NO_JAVA("exit 0", "apt-get install openjdk-17-jre-headless") {
            @Override
            FreshClone clone(Lab lab) {
                return super.clone(lab).withJavaHome("");
            }
        },
        NO_COMPILER("exit 0", "has no javac; on Debian: apt-get install maven openjdk-17-jdk-headless") {
            @Override
            FreshClone clone(Lab lab) {
                FreshClone clone = super.clone(lab)
                        .with("../jre/release", "JAVA_VERSION=\"17.0.1\"\n")
                        .with("../jre/bin/nothing", "");
                lab.script("jre/bin/java", "#!/bin/sh\n");
                return clone.withJavaHome(lab.directory().resolve("jre").toString());
            }
        },
        NO_NETWORK("echo '[ERROR] Unknown host repo.maven.apache.org'; exit 1", "Unknown host repo.maven.apache.org"),
        TAKES_WHAT_IS_THE_PROGRAMS("cat; echo 'this is Maven'; exit 1", "exit status 1"),
        KILLED("mkdir -p tracer/target; : >tracer/target/tiexec-tracer.jar; kill -KILL $$", "exit status 137"),
        INTERRUPTED_BY_OTHERS("kill -INT $$", "exit status 130"),
        MAKES_NOTHING("exit 0", "has not made"),
        BROKEN_OFF_BEFORE("exit 1", "exit status 1") {
            @Override
            FreshClone clone(Lab lab) {
                return super.clone(lab)
                        .with("tracer/target/tiexec-tracer.jar", "half a jar")
                        .with("tracer/target/lib/jni/x86_64-Linux/libjffi-1.2.so", "half a library")
                        .with("helper/target/tiexec-helper.jar", "half a jar")
                        .with("target/unfinished", "");
            }
        },
        LIBRARY_MISSING("exit 1", "exit status 1") {
            @Override
            FreshClone clone(Lab lab) {
                return super.clone(lab)
                        .with("tracer/target/tiexec-tracer.jar", "a jar")
                        .with("helper/target/tiexec-helper.jar", "a jar");
            }
        };

        private final String maven;
        private final String told;

        Obstacle(String maven, String told) {
            this.maven = maven;
            this.told = told;
        }

        FreshClone clone(Lab lab) {
            return FreshClone.withoutMaven(lab).withMaven(maven);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theProgramRunsAsIfWeWereNotThere(Obstacle obstacle, Lab lab) {
        FreshClone clone = obstacle.clone(lab);
        Path specimen = Specimens.specimen();
        Object[] program = {specimen, "check", "state"};

        Outcome traced = strangeSurroundings(clone.traced(List.of(), program)).run();

        Outcome plain = strangeSurroundings(clone.plain(program)).run();
        assertThat(traced.out()).isEqualTo(plain.out()).contains("variable a.b=dotted", "text as in the file");
        assertThat(traced.status()).isEqualTo(plain.status());
        assertThat(reasons(clone, traced))
                .singleElement()
                .asString()
                .contains(obstacle.told, specimen + " runs without");
    }

    @ParameterizedTest
    @EnumSource
    void standardInputIsTheProgramsAlone(Obstacle obstacle, Lab lab) {
        FreshClone clone = obstacle.clone(lab);

        Outcome traced = clone.traced(List.of(), "cat").run("for the program\n");

        assertThat(traced.out()).isEqualTo("for the program\n");
        assertThat(traced.status()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aStrictLaunchDoesNotRunTheProgram(Obstacle obstacle, Lab lab) {
        FreshClone clone = obstacle.clone(lab);
        Path trace = lab.directory().resolve("the program ran");

        Outcome strict = clone.traced(List.of("--strict"), Specimens.specimen(), "touch", trace)
                .run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
        assertThat(strict.out()).isEmpty();
        assertThat(reasons(clone, strict)).singleElement().asString().contains(obstacle.told, "was not run");
    }

    @Test
    void someoneWhoMayNotBuildIsToldWhoMay(Lab lab) {
        FreshClone clone = FreshClone.withoutMaven(lab).withMaven("exit 0");

        Outcome traced = clone.traced(List.of(), Specimens.specimen(), "exit", "7")
                .as(User.NOBODY)
                .run();

        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .contains(
                        clone.top() + " cannot be written to; as its owner run: " + clone.top() + "/tracer/bin/tracer");
    }

    @Test
    void theProgramIsFoundAlongThePathOfTheCaller(Lab lab) {
        FreshClone clone = FreshClone.withoutMaven(lab);

        Outcome missing = clone.traced(List.of(), "no-such-program").run();
        Outcome forbidden = clone.traced(List.of(), lab.file("text", "text")).run();

        assertThat(missing.status()).isEqualTo(127);
        assertThat(forbidden.status()).isEqualTo(126);
    }

    @Test
    void aProgramWithAnEqualsSignInItsNameIsNoVariable(Lab lab) {
        FreshClone clone = FreshClone.withoutMaven(lab);
        Path script = lab.script("a=b", "#!/bin/sh\necho \"$0 $*\"\nexit 6\n");

        Outcome traced = clone.traced(List.of(), script, "c=d").run();

        assertThat(traced.out()).isEqualTo(script + " c=d\n");
        assertThat(traced.status()).isEqualTo(6);
    }

    @Test
    void anEnvironmentThatFitsOnlyOnceIsHandedOnByTheShell(Lab lab) {
        FreshClone clone = FreshClone.withoutMaven(lab);
        Command traced = clone.traced(List.of(), Specimens.specimen(), "state");
        for (int i = 0; i < 12; i++) {
            traced = traced.with("LONG_" + i, "x".repeat(100_000));
        }

        Outcome outcome = traced.run();

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("variable LONG_0=xxx", "variable LONG_11=xxx");
    }

    @Test
    void twoFirstUsesAtTheSameTimeBuildOnce(Lab lab) {
        lab.provide(Backing.HUGETLB);
        FreshClone clone = FreshClone.withoutMaven(lab).withMaven(LINK_THE_BUILD);
        Command command = clone.traced(List.of("--strict"), Specimens.specimen(), "check", "exit", "7");

        RunningProgram first = command.start();
        RunningProgram second = command.start();

        assertThat(first.finish().status()).as(first.err()).isEqualTo(7);
        assertThat(second.finish().status()).as(second.err()).isEqualTo(7);
        assertThat(clone.top().resolve("mvn.log")).content().hasLineCount(1);
        assertThat(clone.top().resolve("target/unfinished")).doesNotExist();
    }

    /** Whoever presses Ctrl-C wants all of it to end: the build, which may deal with it itself, and what was to follow. */
    @ParameterizedTest
    @CsvSource({"dash, exit 130", "dash, trap - INT; kill -INT $$", "bash, exit 130", "bash, trap - INT; kill -INT $$"})
    void anInterruptEndsTheBuildAndTheProgramDoesNotRun(String shell, String onInterrupt, Lab lab) {
        Path started = lab.directory().resolve("the build has started");
        Path trace = lab.directory().resolve("the program ran");
        FreshClone clone = FreshClone.withoutMaven(lab)
                .withMaven("trap '" + onInterrupt + "' INT\n: >'" + started + "'\nwhile :; do sleep 0.1; done\n");
        RunningProgram traced = clone.traced(List.of(), Specimens.specimen(), "touch", trace)
                .after("setsid", "/bin/" + shell)
                .start()
                .awaitThat("the build", () -> started.toFile().exists());

        lab.plain("sh", "-c", "kill -INT -" + traced.process().pid()).run();

        assertThat(traced.awaitEnd().status()).isEqualTo(130);
        assertThat(trace).doesNotExist();
    }

    @Test
    void aBuildThatIsKilledIsMadeUpForByTheNextUse(Lab lab) {
        lab.provide(Backing.HUGETLB);
        FreshClone clone = FreshClone.of(lab);
        Object[] program = {Specimens.specimen(), "hold", "check", "exit", "7"};
        RunningProgram interrupted = clone.traced(List.of(), program).start();
        interrupted.awaitThat(
                "the first compiled classes",
                () -> clone.top()
                        .resolve("protocol/target/classes/org")
                        .toFile()
                        .exists());
        mavenBelow(interrupted.process()).signal("KILL");

        interrupted.awaitLine("ready").text().assertOnSmallPages();
        assertThat(interrupted.finish().status()).isEqualTo(7);
        assertThat(reasons(clone, interrupted.awaitEnd()))
                .singleElement()
                .asString()
                .contains("exit status 137");

        RunningProgram second = clone.traced(List.of("--strict"), program).start();
        Outcome outcome = second.finish(BUILD);
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(7);
        assertThat(outcome.out()).contains("text as in the file");
        assertThat(outcome.errLines()).singleElement().asString().contains("building in " + clone.top());
    }

    private static LiveProcess mavenBelow(LiveProcess tracer) {
        return tracer.tree().stream()
                .filter(process -> process.commandLine().contains("plexus-classworlds"))
                .findFirst()
                .orElseThrow();
    }

    /** What a shell between us and the program would lose. */
    private static Command strangeSurroundings(Command command) {
        return command.with("a.b", "dotted")
                .with("BASH_FUNC_greet%%", "() { :; }")
                .with("PWD", "/nowhere")
                .with("OLDPWD", "")
                .with("QUOTED", "it's \"$HOME\" `\\\n")
                .with("LD_LIBRARY_PATH", "/for/the/program")
                .with("JAVA_TOOL_OPTIONS", "-Dfor.the=program");
    }

    /** The lines that are not about the progress of the build. */
    private static List<String> reasons(FreshClone clone, Outcome outcome) {
        String progress = "tracer: building in " + clone.top() + ", this once; it takes about a minute";
        return outcome.errLines().stream()
                .filter(line -> !line.equals(progress))
                .toList();
    }
}
