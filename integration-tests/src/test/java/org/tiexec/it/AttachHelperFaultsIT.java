package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.CheckedServer;
import org.tiexec.it.support.CodeMappings;
import org.tiexec.it.support.FalseAnswer;
import org.tiexec.it.support.FatalMessage;
import org.tiexec.it.support.FatalMessage.Victim;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.MessageRelay.Sender;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.TracerAttach;

/**
 * A helper that is killed, falls silent or says what is not so at any message of an attach or an undo: the server that is
 * worked on goes on giving right answers, all is done or nothing, nothing of ours stays, and the same command works
 * afterwards.
 */
@InLab
final class AttachHelperFaultsIT {
    private static final Outcome DONE = new Outcome(0, "", "");
    private static final int CLIENTS = 2;
    private static final Duration PAUSE = Duration.ofMillis(5);

    /** How long a helper is waited for that says nothing: longer than a good one takes on a busy machine. */
    private static final String TIMEOUT = "--timeout=" + (Soak.IS_ON ? 6 : 4);

    /** What becomes of one message. */
    private interface Fault {
        TracerAttach install(Lab lab, String... options);
    }

    private record Killed(Sender sender, int number, String type, FatalMessage.Moment moment) implements Fault {
        @Override
        public TracerAttach install(Lab lab, String... options) {
            return new FatalMessage(lab, Victim.HELPER, sender, number, moment).attach(options);
        }
    }

    private record Lying(int number, String type, FalseAnswer.Lie lie) implements Fault {
        @Override
        public TracerAttach install(Lab lab, String... options) {
            return new FalseAnswer(lab, lie, number).attach(options);
        }
    }

    private static List<Fault> faults(FatalMessage none) {
        assertThat(none.messages(Sender.TRACER)).contains("start", "do");
        assertThat(none.messages(Sender.HELPER)).contains("hello", "plan", "step", "end", "done");
        List<Fault> faults = new ArrayList<>();
        for (Sender sender : Sender.values()) {
            List<String> types = none.messages(sender);
            for (int number = 0; number < types.size(); number++) {
                for (FatalMessage.Moment moment : FatalMessage.Moment.values()) {
                    faults.add(new Killed(sender, number, types.get(number), moment));
                }
                for (FalseAnswer.Lie lie :
                        sender == Sender.HELPER ? FalseAnswer.Lie.values() : new FalseAnswer.Lie[0]) {
                    faults.add(new Lying(number, types.get(number), lie));
                }
            }
        }
        return faults;
    }

    @ParameterizedTest
    @EnumSource
    void aHelperThatFailsDoesTheServerNoHarm(Backing backing, Lab lab) throws IOException {
        if (backing == Backing.HUGETLB) {
            lab.provide(backing);
        }
        try (CheckedServer server = CheckedServer.start(lab, CheckedServer.Kind.GO, CLIENTS, PAUSE)) {
            Patient patient = new Patient(lab, server, backing);
            FatalMessage attach = patient.none();
            assertThat(patient.attach(attach.attach(patient.pages()))).isEqualTo(DONE);
            FatalMessage undo = patient.none();
            assertThat(patient.attach(undo.attach().undoing())).isEqualTo(DONE);
            List<Fault> ofAttach = Soak.shareOfSlow(faults(attach));
            List<Fault> ofUndo = Soak.shareOfSlow(faults(undo));

            for (int i = 0; i < Math.max(ofAttach.size(), ofUndo.size()); i++) {
                if (i < ofAttach.size()) {
                    patient.suffersInAttach(ofAttach.get(i));
                }
                patient.isAttachedTo();
                if (i < ofUndo.size()) {
                    patient.suffersInUndo(ofUndo.get(i));
                }
                patient.isTakenBack();
            }

            server.finish();
            System.out.println(backing.optionValue() + ", " + ofAttach.size() + " faults of a helper in attaches, "
                    + ofUndo.size() + " in undos: " + patient.tally + ", " + server.answers() + " right answers, "
                    + Soak.seed());
        }
    }

    /** The server that is worked on. */
    private static final class Patient {
        private final Lab lab;
        private final CheckedServer server;
        private final LiveProcess process;
        private final Backing backing;
        private final CodeMappings files;
        private final TreeMap<String, Integer> tally = new TreeMap<>();

        Patient(Lab lab, CheckedServer server, Backing backing) {
            this.lab = lab;
            this.server = server;
            this.process = server.process();
            this.backing = backing;
            this.files = CodeMappings.of(process);
        }

        String pages() {
            return "--backing=" + backing.optionValue();
        }

        FatalMessage none() {
            return new FatalMessage(lab, Victim.HELPER, Sender.HELPER, -1, FatalMessage.Moment.AFTER);
        }

        Outcome attach(TracerAttach command) {
            return command.to(process).run();
        }

        void suffersInAttach(Fault fault) {
            Outcome outcome = attach(fault.install(lab, pages(), TIMEOUT));
            assertIsExplained(fault, outcome);
            if (outcome.status() == 0) {
                assertIsAttached(fault.toString());
            } else {
                assertIsAsAtFirst(fault.toString());
            }
            tally.merge("attach " + outcome.status(), 1, Integer::sum);
        }

        void suffersInUndo(Fault fault) {
            List<String> before = ours();
            Outcome outcome = attach(fault.install(lab, TIMEOUT).undoing());
            assertIsExplained(fault, outcome);
            if (outcome.status() == 0) {
                assertIsAsAtFirst(fault.toString());
            } else {
                assertIsAttached(fault.toString());
                assertThat(ours()).as(fault.toString()).isEqualTo(before);
            }
            tally.merge("undo " + outcome.status(), 1, Integer::sum);
        }

        private void assertIsExplained(Fault fault, Outcome outcome) {
            assertThat(outcome.status()).as("%s: %s", fault, outcome).isIn(0, 125);
            assertThat(outcome.out()).isEmpty();
            assertThat(outcome.err())
                    .as(fault.toString())
                    .matches(outcome.status() == 0 ? "" : "tracer: .*\\b(process|pid) " + process.pid() + "\\b.*\\R");
            server.assertServesByItself(fault.toString());
        }

        void isAttachedTo() {
            assertThat(attach(lab.attach(pages()))).isEqualTo(DONE);
            assertIsAttached("an attach");
        }

        void isTakenBack() {
            assertThat(attach(lab.attach().undoing())).isEqualTo(DONE);
            assertIsAsAtFirst("an undo");
        }

        private void assertIsAttached(String when) {
            assertThat(TextPages.of(process).isWhollyOn(backing)).as(when).isTrue();
        }

        private void assertIsAsAtFirst(String when) {
            assertThat(CodeMappings.of(process)).as("after %s", when).isEqualTo(files);
            assertThat(ours()).as("after %s", when).isEmpty();
        }

        /** What is in it that an attach has put there; the server's own memory comes and goes. */
        private List<String> ours() {
            return Stream.of(process.read("maps").split("\n", -1))
                    .filter(line -> line.contains("[anon:tiexec") || line.contains("anon_hugepage"))
                    .toList();
        }
    }
}
