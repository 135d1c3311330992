package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.DoomedTracer;
import org.tiexec.it.support.FaultyKernel;
import org.tiexec.it.support.HeldProgram;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Shape;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.Specimens;
import org.tiexec.protocol.plan.PlanRejectedException;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * Wherever the tracer dies within a change: the program is whole and comes to its own end, or it dies with it without having
 * executed an instruction.
 *
 * <p>To the kernel, a tracer is a thread: it does the same to the program when that thread ends as when its process is
 * killed. So every place can be tried in this JVM; that a SIGKILL of the process does the same is tried with fewer.
 */
@InLab
final class TracerDeathIT {
    private static final int EXIT = 7;
    private static final int SIGKILL = 9;

    /** What changes something of a stopped program. */
    private static final Set<String> CHANGES = Set.of("setRegisters", "setSignalMask", "runToSyscallStop", "write");

    private final NativeLibrary library = NativeLibrary.load();
    private final NativeCalls helperCalls = NativeCalls.bind();

    static List<Shape> shapes() {
        return Shape.all();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void atEveryPlaceOfAChangeTheProgramIsWholeOrDiesWithIt(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        tryEveryPlace(shape, -1);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void atEveryPlaceOfAChangeThatIsTakenBackTheProgramIsWholeOrDiesWithIt(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        tryEveryPlace(shape, callsOf(shape) - 2);
    }

    private void tryEveryPlace(Shape shape, int faultyCall) throws Exception {
        List<String> places = places(shape, faultyCall);
        TreeMap<String, Integer> tally = new TreeMap<>();
        for (int place = 0; place < places.size(); place++) {
            WaitStatus end = endAfterDeathAt(shape, faultyCall, place);
            assertThat(end)
                    .as("%s, call %d fails, tracer dies at place %d of %s", shape, faultyCall, place, places)
                    .isEqualTo(
                            diesWithTracer(places, place)
                                    ? new WaitStatus.Killed(SIGKILL, false)
                                    : new WaitStatus.Exited(EXIT));
            tally.merge(end.toString(), 1, Integer::sum);
        }
        System.out.println(shape + ", call " + faultyCall + " fails, tracer dies at each of " + places.size()
                + " places: " + tally);
    }

    /** And the other way round: whatever a dead program makes of the tracer's requests, its end is what it finds. */
    @ParameterizedTest
    @MethodSource("shapes")
    void aProgramKilledAtAnyPlaceOfAChangeHasDiedOfThat(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        int places = places(shape, -1).size();
        TreeMap<String, Integer> tally = new TreeMap<>();
        for (int place = 0; place < places; place++) {
            try (HeldProgram program = start(shape)) {
                int last = place;
                String found = "nothing";
                Optional<WaitStatus> end = Optional.empty();
                try {
                    new DoomedTracer(library, helperCalls, shape).run(program, FaultyKernel.without(), reached -> {
                        if (reached == last) {
                            program.die();
                        }
                    });
                } catch (TargetGoneException e) {
                    found = "its end";
                    end = Optional.of(e.status());
                } catch (IOException | RollbackFailedException | SysException | PlanRejectedException e) {
                    found = e.getClass().getSimpleName();
                }
                // as a launch does with whatever it finds
                assertThat(end.or(program.target()::end))
                        .as("%s, program dies at place %d", shape, place)
                        .contains(new WaitStatus.Killed(SIGKILL, false));
                tally.merge(found, 1, Integer::sum);
            }
        }
        System.out.println(shape + ", program killed at each of " + places + " places; the tracer finds: " + tally);
    }

    /** By SIGKILL, as the system's killer for lack of memory would. */
    @Test
    void aKilledTracerLeavesTheProgramWholeOrTakesItWithIt(Lab lab) throws Exception {
        List<Doom> dooms = new ArrayList<>();
        for (Shape shape : shapes()) {
            List<String> places = places(lab, shape);
            for (int place = 0; place < places.size(); place++) {
                dooms.add(new Doom(shape, place, diesWithTracer(places, place)));
            }
        }
        TreeMap<String, Integer> tally = new TreeMap<>();
        for (Doom doom : Soak.share(dooms)) {
            lab.provide(doom.shape.backing());
            tally.merge(kill(lab, doom), 1, Integer::sum);
        }
        System.out.println("tracers killed by SIGKILL: " + tally + ", " + Soak.seed());
    }

    private record Doom(Shape shape, int place, boolean diesWithTracer) {}

    private String kill(Lab lab, Doom doom) throws IOException {
        Path report = Files.createTempFile(lab.directory(), "witness", "");
        Command tracer = lab.plain(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djnr.ffi.asm.enabled=false",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedTracer.class.getName(),
                doom.shape.linkage(),
                doom.shape.backing(),
                doom.shape.method(),
                doom.place,
                -1,
                Specimens.specimen(doom.shape.linkage()),
                "check",
                "say",
                "whole",
                "exit",
                EXIT);
        Outcome outcome = tracer.after(Specimens.witness(), report).run();
        List<String> ends = Files.readAllLines(report);
        String what = doom + ": " + ends + ", " + outcome;
        assertThat(ends).as(what).startsWith("killed by signal 9").hasSize(3);
        assertThat(ends.get(2))
                .as(what)
                .isEqualTo("orphan " + (doom.diesWithTracer ? "killed by signal 9" : "exited with " + EXIT));
        if (doom.diesWithTracer) {
            assertThat(outcome.out()).as(what).isEmpty();
        } else {
            assertThat(outcome.out()).as(what).contains("text as in the file").endsWith("whole\n");
        }
        assertThat(outcome.err()).as(what).isEmpty();
        return ends.get(2);
    }

    /** Between the two, and only there, something of the program is changed. */
    private static boolean diesWithTracer(List<String> places, int place) {
        return place > places.indexOf(DoomedTracer.BEGINNING) && place <= places.lastIndexOf(DoomedTracer.END);
    }

    private List<String> places(Lab lab, Shape shape) throws Exception {
        lab.provide(shape.backing());
        return places(shape, -1);
    }

    /** The places that a tracer passes if it does not die; the program is whole then, too. */
    private List<String> places(Shape shape, int faultyCall) throws Exception {
        try (HeldProgram program = start(shape)) {
            DoomedTracer tracer = new DoomedTracer(library, helperCalls, shape);
            tracer.run(program, FaultyKernel.withoutMemoryFor(faultyCall), place -> {});
            assertThat(program.finish()).isEqualTo(EXIT);
            List<String> places = tracer.places();
            int beginning = places.indexOf(DoomedTracer.BEGINNING);
            int end = places.lastIndexOf(DoomedTracer.END);
            assertThat(places.subList(0, beginning)).doesNotContainAnyElementsOf(CHANGES);
            assertThat(places.subList(end, places.size())).doesNotContainAnyElementsOf(CHANGES);
            assertThat(places.subList(beginning + 1, end)).containsAll(CHANGES).doesNotContain(DoomedTracer.END);
            return places;
        }
    }

    private int callsOf(Shape shape) throws Exception {
        try (HeldProgram program = start(shape)) {
            FaultyKernel kernel = FaultyKernel.without();
            new DoomedTracer(library, helperCalls, shape).run(program, kernel, place -> {});
            assertThat(program.finish()).isEqualTo(EXIT);
            return kernel.calls();
        }
    }

    /** How the program ends when the thread that traces it has ended at a place. */
    private WaitStatus endAfterDeathAt(Shape shape, int faultyCall, int last) throws Exception {
        CompletableFuture<HeldProgram> held = new CompletableFuture<>();
        CompletableFuture<Integer> reached = new CompletableFuture<>();
        Thread tracer = new Thread(() -> {
            try {
                HeldProgram program = start(shape);
                held.complete(program);
                new DoomedTracer(library, helperCalls, shape)
                        .run(program, FaultyKernel.withoutMemoryFor(faultyCall), place -> {
                            if (place >= last) {
                                reached.complete(place);
                                throw new Death();
                            }
                        });
            } catch (Death death) {
                // the end of this thread
            } catch (Exception e) {
                held.completeExceptionally(e);
                reached.completeExceptionally(e);
            }
        });
        tracer.start();
        tracer.join();
        assertThat(reached.get()).isEqualTo(last);
        Optional<WaitStatus> end = held.get().target().end();
        return end.orElseThrow();
    }

    /** Nothing of ours catches it. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    private HeldProgram start(Shape shape) throws Exception {
        return new HeldProgram(
                library, Specimens.specimen(shape.linkage()), "mute", "check", "exit", Integer.toString(EXIT));
    }
}
