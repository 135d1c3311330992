package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.HeldAnswers;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TextPages;

/** Libraries that a program loads when it runs already. */
@InLab
final class DlopenIT {
    /** Says when it is there, computes until its input ends. */
    private static final String SOURCE = """
            import java.util.concurrent.atomic.AtomicLong;

            public class Counting {
                public static void main(String[] arguments) throws Exception {
                    AtomicLong rounds = new AtomicLong();
                    Thread counter = new Thread(() -> {
                        while (true) {
                            rounds.incrementAndGet();
                        }
                    });
                    counter.setDaemon(true);
                    counter.start();
                    System.out.println("ready");
                    while (System.in.read() >= 0) {}
                    long before = rounds.get();
                    Thread.sleep(50);
                    System.out.println(rounds.get() > before);
                    System.exit(7);
                }
            }
            """;

    private static final Path JVM = Path.of(System.getProperty("java.home")).resolve("lib/server/libjvm.so");

    @ParameterizedTest
    @EnumSource
    void theJvmThatJavaLoadsComesToHugePages(Backing backing, Lab lab) {
        lab.provide(backing);
        for (String launch : new String[] {"in-place", "child"}) {
            RunningProgram java = lab.tracer("--dlopen=60", "--launch=" + launch)
                    .of(
                            Path.of(System.getProperty("java.home")).resolve("bin/java"),
                            lab.file(launch + ".java", SOURCE))
                    .start()
                    .awaitLine("ready");
            java.awaitThat(
                    "libjvm on huge pages",
                    () -> launched(java)
                            .anyMatch(process -> TextPages.of(process, JVM).isWhollyOn(backing)));
            assertThat(java.finish()).isEqualTo(new Outcome(7, "ready\ntrue\n", ""));
        }
    }

    /** A tracer whose child it is runs java itself. */
    private static Stream<LiveProcess> launched(RunningProgram java) {
        return java.process().tree().stream()
                .filter(process -> !process.commandLine().contains("tiexec-"))
                .filter(process -> process.status("Name").equals("java"));
    }

    /** The tracer stays no longer than it was told; in place it is nobody's child. */
    @Test
    void theWatchEndsWithItsTime(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram cat =
                lab.tracer("--dlopen=1", "--launch=in-place").of("cat").start();
        cat.say("ready\n");
        cat.awaitLine("ready");
        cat.awaitThat("no tracer", () -> cat.tracerNow().isEmpty());
        assertThat(cat.finish()).isEqualTo(new Outcome(0, "ready\n", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whatTheProgramExecutesIsNotWatched(String launch, Lab lab) {
        lab.provide(Backing.THP);
        Outcome plain =
                lab.plain("sh", "-c", "sleep 0.3; exec cat /proc/self/comm").run();
        Outcome traced = lab.tracer("--dlopen=60", "--launch=" + launch)
                .of("sh", "-c", "sleep 0.3; exec cat /proc/self/comm")
                .run();
        assertThat(traced).isEqualTo(plain);
    }

    /** As some do at their start, to have another environment. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whatExecutesItselfIsWatchedOn(String launch, Lab lab) {
        lab.provide(Backing.THP);
        Path library = Specimens.blocksLibrary();
        RunningProgram program = lab.tracer("--dlopen=60", "--launch=" + launch)
                .of(Specimens.late(), "again")
                .start()
                .awaitLine("ready");
        program.awaitThat(
                "a library on huge pages",
                () -> TextPages.of(program.program(), library).isWhollyOn(Backing.THP));
        program.say("\n");
        program.awaitLine("ready again");
        program.awaitThat(
                "the same once more",
                () -> TextPages.of(program.program(), library).isWhollyOn(Backing.THP));
        assertThat(program.finish()).isEqualTo(new Outcome(7, "ready\nready again\n", ""));
    }

    /** A plan that is for what it was before is no failure. */
    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whatExecutesItselfMeanwhileIsNotComplainedOf(String launch, Lab lab) {
        lab.provide(Backing.THP);
        HeldAnswers plan = new HeldAnswers(lab, "plan");
        Path library = Specimens.blocksLibrary();
        RunningProgram program = plan.tracer("--dlopen=60", "--launch=" + launch)
                .of(Specimens.late(), "again")
                .start()
                .awaitLine("ready");
        plan.await();
        program.say("\n");
        program.awaitLine("ready again");
        plan.release();
        program.awaitThat(
                "a library on huge pages",
                () -> TextPages.of(program.program(), library).isWhollyOn(Backing.THP));
        assertThat(program.finish()).isEqualTo(new Outcome(7, "ready\nready again\n", ""));
    }

    /** All that was allowed is used up by what comes first. */
    @Test
    void pagesAreCountedTogetherWithThoseOfTheLaunch(Lab lab) {
        lab.provide(Backing.THP);
        Path library = Specimens.blocksLibrary();
        RunningProgram program = lab.tracer(
                        "--targets=libs",
                        "--lib=" + Specimens.otherBlocksLibrary().getFileName(),
                        "--max-pages=4",
                        "--dlopen=60",
                        "--launch=in-place")
                .of(Specimens.late(), "hold")
                .start()
                .awaitLine("ready");
        program.awaitThat("no tracer", () -> program.tracerNow().isEmpty());
        TextPages.of(program.program(), library).assertOnSmallPages();
        assertThat(TextPages.of(program.program(), Specimens.otherBlocksLibrary())
                        .thpKb())
                .isEqualTo(4 * 2048);
        assertThat(program.finish().status()).isEqualTo(7);
    }

    @Test
    void aProgramThatIsKilledMeanwhileEndsAsPlain(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram cat =
                lab.tracer("--dlopen=60", "--launch=child").of("cat").start();
        cat.say("ready\n");
        cat.awaitLine("ready");
        cat.program().signal("TERM");
        assertThat(cat.awaitEnd().status()).isEqualTo(143);
    }
}
