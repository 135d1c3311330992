package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.DoomedBorrower;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.StrangerProgram;
import org.tiexec.tracer.arch.X8664Live;
import org.tiexec.tracer.remote.Admission;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.SeizedThread;
import org.tiexec.tracer.target.WaitStatus;

/**
 * A running program does not notice that its threads are borrowed, not even if the tracer dies meanwhile.
 *
 * <p>To the kernel, a tracer is a thread: that a SIGKILL of its process does the same as the end of that thread is tried
 * with fewer places.
 */
@InLab
final class BorrowedThreadsIT {
    private static final int SIGTERM = 15;

    /** What the same place was may be another one next time, as threads are where they are. */
    private static final int ROUNDS = Soak.IS_ON ? 10 : 2;

    private final NativeLibrary library = NativeLibrary.load();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProgramWhoseCodeIsTakenAwayAndGivenBackComputesRight(boolean stopAll, Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck())) {
            List<Duration> stops = new ArrayList<>();
            for (int round = 0; round < 20 * ROUNDS; round++) {
                DoomedBorrower borrower = new DoomedBorrower(library, stopAll, place -> {});
                borrower.run(program.pid());
                stops.addAll(borrower.stops());
            }
            stops.sort(Duration::compareTo);
            System.out.println("all stopped: " + stopAll + ", " + stops.size() + " stops, median "
                    + stops.get(stops.size() / 2).toNanos() / 1000 + " us, longest "
                    + stops.get(stops.size() - 1).toNanos() / 1000 + " us");
            assertIsRight(program);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProgramWhoseTracerDiesAtAnyPlaceComputesRight(boolean stopAll, Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck())) {
            int deaths = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int place = 0;
                while (diesAt(place, stopAll, program)) {
                    assertThat(program.hasEnded())
                            .as("tracer died at place %d: %s", place, program.output())
                            .isFalse();
                    place++;
                    deaths++;
                }
            }
            new DoomedBorrower(library, stopAll, place -> {}).run(program.pid());
            System.out.println("all stopped: " + stopAll + ", tracers that ended: " + deaths);
            assertIsRight(program);
        }
    }

    @Test
    void aProgramWhoseTracerIsKilledComputesRight(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck())) {
            DoomedBorrower whole = new DoomedBorrower(library, false, place -> {});
            whole.run(program.pid());
            List<Integer> places =
                    IntStream.range(0, whole.places().size()).boxed().toList();
            int killed = 0;
            for (int place : Soak.share(places)) {
                String java =
                        Path.of(System.getProperty("java.home"), "bin", "java").toString();
                List<String> command = List.of(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DoomedBorrower.class.getName(),
                        Integer.toString(program.pid()),
                        Integer.toString(place),
                        "false");
                Process tracer = new ProcessBuilder(command).inheritIO().start();
                int status = tracer.waitFor();
                assertThat(status).as("place %d", place).isIn(0, 128 + 9);
                killed += status == 0 ? 0 : 1;
                assertThat(program.hasEnded())
                        .as("tracer killed at place %d: %s", place, program.output())
                        .isFalse();
            }
            System.out.println("tracers killed by SIGKILL: " + killed + ", " + Soak.seed());
            new DoomedBorrower(library, false, place -> {}).run(program.pid());
            assertIsRight(program);
        }
    }

    /** The kernel would tell whoever waits for the end of a traced thread of its stop, and nobody else from then on. */
    @Test
    void whoLooksForTheEndOfAThreadLeavesItsStopToWhoWaitsForThat(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck());
                OpenedProcess process =
                        new Admission(program.pid(), Set.of(), new X8664Live(), library).open(new Processes(library))) {
            SeizedThread thread = process.seize(program.pid(), false);
            thread.interrupt();
            Awaitility.await().until(() -> new LiveProcess(program.pid()).state() == 't');

            assertThat(process.bury(program.pid())).isFalse();

            assertThat(thread.awaitStop(Duration.ofSeconds(1))).get().isInstanceOf(WaitStatus.Event.class);
            thread.letGo(0);
            assertIsRight(program);
        }
    }

    /** Whether the tracer has come to that place, and died there. */
    private boolean diesAt(int last, boolean stopAll, StrangerProgram program) throws Exception {
        CompletableFuture<Boolean> died = new CompletableFuture<>();
        Thread tracer = new Thread(() -> {
            try {
                new DoomedBorrower(library, stopAll, place -> {
                            if (place >= last) {
                                throw new Death();
                            }
                        })
                        .run(program.pid());
                died.complete(false);
            } catch (Death death) {
                died.complete(true);
            } catch (Exception e) {
                died.completeExceptionally(e);
            }
        });
        tracer.start();
        tracer.join();
        program.awaitUntraced();
        return died.get();
    }

    /** Nothing of ours catches it. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static void assertIsRight(StrangerProgram program) {
        program.signal(SIGTERM);
        WaitStatus end = program.awaitEnd();
        assertThat(program.output()).startsWith("ready\nwrong 0, rounds ");
        assertThat(end).isEqualTo(new WaitStatus.Exited(0));
        System.out.println(program.output().lines().skip(1).toList());
    }
}
