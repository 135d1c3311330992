package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.AttachHere;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.CodeMappings;
import org.tiexec.it.support.FaultyCalls;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.it.support.StrangerProgram;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.WrongAnswer;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.target.WaitStatus;

/**
 * Whatever call fails within an attach or an undo, and however: the program, whose threads execute its code all the time,
 * computes right and has the mappings that it had, or those that were asked for; what could not be removed is told; and the
 * same command does its work afterwards.
 */
@InLab
final class AttachFaultInjectionIT {
    private static final Outcome DONE = new Outcome(0, "", "");
    private static final int THREADS = 3;

    private final NativeLibrary library = NativeLibrary.load();

    static Stream<Arguments> programs() {
        Stream<Arguments> few =
                Stream.of(Arguments.of(Linkage.PIE, Backing.HUGETLB), Arguments.of(Linkage.NON_PIE, Backing.THP));
        Stream<Arguments> more =
                Stream.of(Arguments.of(Linkage.PIE, Backing.THP), Arguments.of(Linkage.NON_PIE, Backing.HUGETLB));
        return Soak.IS_ON ? Stream.concat(few, more) : few;
    }

    /** One call that goes wrong, or the first of all that do. */
    private record Fault(int call, boolean forGood, WrongAnswer answer, boolean isLast) {
        static List<Fault> of(int calls) {
            List<Fault> faults = new ArrayList<>();
            for (int call = 0; call < calls; call++) {
                for (WrongAnswer answer : WrongAnswer.all()) {
                    faults.add(new Fault(call, false, answer, call == calls - 1));
                }
                faults.add(new Fault(call, true, WrongAnswer.NO_MEMORY, call == calls - 1));
            }
            return faults;
        }

        FaultyCalls calls() {
            return new FaultyCalls(call, forGood, answer);
        }

        /** Whether what was begun can still be taken back: the last call of all removes what is ours. */
        boolean letsEverythingBeRemoved() {
            return !forGood && !isLast;
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aCallThatFailsDoesTheProgramNoHarm(Linkage linkage, Backing backing, Lab lab) throws IOException {
        if (backing == Backing.HUGETLB) {
            lab.provide(backing);
        }
        try (Program program = new Program(lab, linkage, backing)) {
            FaultyCalls attach = FaultyCalls.none();
            assertThat(program.attach(attach)).isEqualTo(DONE);
            FaultyCalls undo = FaultyCalls.none();
            assertThat(program.undo(undo)).isEqualTo(DONE);
            List<Fault> ofAttach = Soak.share(Fault.of(attach.calls()));
            List<Fault> ofUndo = Soak.share(Fault.of(undo.calls()));
            assertThat(attach.calls()).isGreaterThanOrEqualTo(11);
            assertThat(undo.calls()).isGreaterThanOrEqualTo(6);

            for (int i = 0; i < Math.max(ofAttach.size(), ofUndo.size()); i++) {
                if (i < ofAttach.size()) {
                    program.suffersInAttach(ofAttach.get(i));
                }
                program.isAttachedTo();
                if (i < ofUndo.size()) {
                    program.suffersInUndo(ofUndo.get(i));
                }
                program.isTakenBack();
            }

            program.assertHasComputedRight();
            System.out.println(linkage + " on " + backing.optionValue() + ", " + attach.calls()
                    + " calls of an attach, " + undo.calls() + " of an undo: " + program.tally + ", " + Soak.seed());
        }
    }

    /** A program with threads that execute its code and check what comes out. */
    private final class Program implements AutoCloseable {
        private final Backing backing;
        private final StrangerProgram program;
        private final OutputStream input;
        private final CodeMappings files;
        private final long textStart;
        private final byte[] text;
        private final TreeMap<String, Integer> tally = new TreeMap<>();
        private int told;

        Program(Lab lab, Linkage linkage, Backing backing) throws IOException {
            this.backing = backing;
            Path spinner = Specimens.spinner(linkage);
            Path words = lab.fifo("input");
            // else the tracer gets too little of the processors
            program = StrangerProgram.startUnready(
                    library, lab, "sh", "-c", "exec \"$@\" <\"$0\"", words, "nice", "-n", "19", spinner, THREADS);
            input = Files.newOutputStream(words);
            program.awaitOutput("ready\n");
            files = CodeMappings.of(program.process());
            String line = files.lines().stream()
                    .filter(candidate -> candidate.contains(" r-xp ") && candidate.endsWith(spinner.toString()))
                    .findFirst()
                    .orElseThrow();
            String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
            textStart = Long.parseLong(range[0], 16);
            text = new byte[Math.toIntExact(Long.parseLong(range[1], 16) - textStart)];
            readText(text);
        }

        private void readText(byte[] into) throws IOException {
            try (RandomAccessFile memory =
                    new RandomAccessFile(program.process().file("mem").toFile(), "r")) {
                memory.seek(textStart);
                memory.readFully(into);
            }
        }

        private Outcome attach(FaultyCalls calls) {
            BackingChoice choice = backing == Backing.HUGETLB ? BackingChoice.HUGETLB : BackingChoice.THP;
            return AttachHere.run(
                    program.process(), Settings.attach(Targets.EXECUTABLE, StrategyName.CONSERVATIVE, choice), calls);
        }

        private Outcome undo(FaultyCalls calls) {
            return AttachHere.run(program.process(), Settings.undo(), calls);
        }

        private boolean isOnHugePages() {
            return TextPages.of(program.process()).isWhollyOn(backing);
        }

        private List<String> mappings() {
            return program.process().read("maps").lines().toList();
        }

        void suffersInAttach(Fault fault) throws IOException {
            List<String> before = mappings();
            Outcome outcome = attach(fault.calls());
            assertIsWhole(fault, outcome);
            if (!fault.letsEverythingBeRemoved() && outcome.err().contains("could not be undone")) {
                // on huge pages or not: its bytes are right, and it has been told
                told++;
            } else {
                assertThat(isOnHugePages()).as("%s: %s", fault, outcome).isEqualTo(outcome.status() == 0);
                if (outcome.status() != 0) {
                    assertIsAs(before, fault, outcome);
                }
            }
            tally.merge("attach " + outcome.status(), 1, Integer::sum);
        }

        void suffersInUndo(Fault fault) throws IOException {
            List<String> before = mappings();
            Outcome outcome = undo(fault.calls());
            assertIsWhole(fault, outcome);
            assertThat(isOnHugePages()).as("%s: %s", fault, outcome).isEqualTo(outcome.status() != 0);
            if (outcome.status() != 0) {
                assertIsAs(before, fault, outcome);
            }
            tally.merge("undo " + outcome.status(), 1, Integer::sum);
        }

        private void assertIsWhole(Fault fault, Outcome outcome) throws IOException {
            byte[] now = new byte[text.length];
            readText(now);
            assertThat(Arrays.equals(now, text))
                    .as("the same bytes after %s", fault)
                    .isTrue();
            assertThat(program.hasEnded()).as(program.output()).isFalse();
            program.awaitUntraced();
            assertThat(outcome.status()).as("%s: %s", fault, outcome).isIn(0, 125);
            assertThat(outcome.out()).isEmpty();
            assertThat(outcome.errLines().size())
                    .as("%s: %s", fault, outcome)
                    .isBetween(outcome.status() == 0 ? 0 : 1, 1);
            assertThat(outcome.err()).as(fault.toString()).matches("(tracer: .*\\R)?");
        }

        private void assertIsAs(List<String> before, Fault fault, Outcome outcome) {
            if (fault.letsEverythingBeRemoved()) {
                assertThat(mappings()).as("%s: %s", fault, outcome).isEqualTo(before);
            } else if (!mappings().equals(before)) {
                assertThat(outcome.err()).as(fault.toString()).containsPattern("could not be (removed|undone)");
                told++;
            }
        }

        void isAttachedTo() {
            assertThat(attach(FaultyCalls.none())).isEqualTo(DONE);
            assertThat(isOnHugePages()).isTrue();
        }

        void isTakenBack() {
            assertThat(undo(FaultyCalls.none())).isEqualTo(DONE);
            List<String> now =
                    new ArrayList<>(CodeMappings.of(program.process()).lines());
            assertThat(now).containsAll(files.lines());
            now.removeAll(files.lines());
            assertThat(now)
                    .as("what stays of code that could not be taken back")
                    .hasSizeLessThanOrEqualTo(told);
        }

        void assertHasComputedRight() throws IOException {
            input.close();
            assertThat(program.awaitEnd()).as(program.output()).isEqualTo(new WaitStatus.Exited(0));
            assertThat(program.output().lines()).last().isEqualTo("as it should be");
        }

        @Override
        public void close() throws IOException {
            input.close();
            program.close();
        }
    }
}
