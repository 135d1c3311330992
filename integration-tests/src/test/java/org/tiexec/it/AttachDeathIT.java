package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.CheckedServer;
import org.tiexec.it.support.CodeMappings;
import org.tiexec.it.support.FatalMessage;
import org.tiexec.it.support.FatalMessage.Victim;
import org.tiexec.it.support.FatalRequest;
import org.tiexec.it.support.HugeCode;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.MessageRelay.Sender;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.TextPages;
import org.tiexec.it.support.TracerAttach;

/**
 * Wherever the tracer of a running server is killed, the server goes on giving right answers, untraced, and a later attach
 * and a later undo work.
 */
@InLab
final class AttachDeathIT {
    private static final Outcome DONE = new Outcome(0, "", "");
    private static final int KILLED = 128 + 9;
    private static final int CLIENTS = 2;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final long HUGE_KB = 2048;

    /** Each may leave the memory of a whole stage in the server, which the next one does not have. */
    private static final int DEATHS_OF_ONE_SERVER = 5;

    /** All of them in the long run; otherwise one, since a round takes some seconds. */
    private static Stream<Arguments> servers(Backing one) {
        if (!Soak.IS_ON) {
            return Stream.of(Arguments.of(CheckedServer.Kind.GO, one));
        }
        return Stream.of(CheckedServer.Kind.values())
                .flatMap(kind -> Stream.of(Backing.values()).map(backing -> Arguments.of(kind, backing)));
    }

    static Stream<Arguments> serversOfRequests() {
        return servers(Backing.HUGETLB);
    }

    static Stream<Arguments> serversOfMessages() {
        return servers(Backing.THP);
    }

    /** What a tracer is told to do when it dies. */
    private enum Task {
        ATTACH,
        UNDO;

        TracerAttach of(Backing backing, Function<String[], TracerAttach> attach) {
            return this == ATTACH
                    ? attach.apply(new String[] {"--backing=" + backing.optionValue()})
                    : attach.apply(new String[0]).undoing();
        }
    }

    /** Where it dies of it. */
    private interface Death {
        Outcome run(Lab lab, LiveProcess process, Task task, Backing backing);
    }

    /** Of a request to the kernel about the server, by one of its threads. */
    private record AtRequest(int number, String name, FatalRequest.Moment moment) implements Death {
        @Override
        public Outcome run(Lab lab, LiveProcess process, Task task, Backing backing) {
            FatalRequest fatal = FatalRequest.of(lab, process, number, moment);
            Outcome outcome =
                    fatal.of(task.of(backing, lab::attach).to(process)).run();
            // there may be fewer, for threads are where they are
            assertThat(outcome.status() == KILLED)
                    .as("%s, %s requests: %s", this, fatal.requests().size(), outcome)
                    .isEqualTo(fatal.requests().size() > number);
            return outcome;
        }
    }

    /** Of a message. */
    private record AtMessage(Sender sender, int number, String type, FatalMessage.Moment moment) implements Death {
        @Override
        public Outcome run(Lab lab, LiveProcess process, Task task, Backing backing) {
            FatalMessage fatal = new FatalMessage(lab, Victim.TRACER, sender, number, moment);
            return task.of(backing, fatal::attach).to(process).run();
        }
    }

    @ParameterizedTest
    @MethodSource("serversOfRequests")
    void itsTracerIsKilledAtARequestToTheKernel(CheckedServer.Kind kind, Backing backing, Lab lab) throws IOException {
        if (backing == Backing.HUGETLB) {
            lab.provide(backing);
        }
        List<List<Death>> deaths = new ArrayList<>();
        try (CheckedServer server = CheckedServer.start(lab, kind, CLIENTS, PAUSE)) {
            for (Task task : Task.values()) {
                FatalRequest none = FatalRequest.none(lab, server.process());
                assertThat(none.of(task.of(backing, lab::attach).to(server.process()))
                                .run())
                        .isEqualTo(DONE);
                deaths.add(atRequests(none.requests()));
            }
            server.finish();
        }
        new Survival(kind, backing, lab).of(deaths.get(0), deaths.get(1));
    }

    private static List<Death> atRequests(List<String> requests) {
        assertThat(requests).contains("seize", "interrupt", "setregset", "syscall", "detach");
        List<Death> deaths = new ArrayList<>();
        for (int number = 0; number < requests.size(); number++) {
            for (FatalRequest.Moment moment : FatalRequest.Moment.values()) {
                deaths.add(new AtRequest(number, requests.get(number), moment));
            }
        }
        return deaths;
    }

    @ParameterizedTest
    @MethodSource("serversOfMessages")
    void itsTracerIsKilledAtAMessage(CheckedServer.Kind kind, Backing backing, Lab lab) throws IOException {
        if (backing == Backing.HUGETLB) {
            lab.provide(backing);
        }
        List<List<Death>> deaths = new ArrayList<>();
        try (CheckedServer server = CheckedServer.start(lab, kind, CLIENTS, PAUSE)) {
            for (Task task : Task.values()) {
                FatalMessage none = new FatalMessage(lab, Victim.TRACER, Sender.HELPER, -1, FatalMessage.Moment.AFTER);
                assertThat(task.of(backing, none::attach).to(server.process()).run())
                        .isEqualTo(DONE);
                deaths.add(atMessages(none));
            }
            server.finish();
        }
        new Survival(kind, backing, lab).of(deaths.get(0), deaths.get(1));
    }

    private static List<Death> atMessages(FatalMessage none) {
        assertThat(none.messages(Sender.TRACER)).contains("start", "do");
        List<Death> deaths = new ArrayList<>();
        for (Sender sender : Sender.values()) {
            List<String> types = none.messages(sender);
            for (int number = 0; number < types.size(); number++) {
                for (FatalMessage.Moment moment : List.of(FatalMessage.Moment.BEFORE, FatalMessage.Moment.AFTER)) {
                    deaths.add(new AtMessage(sender, number, types.get(number), moment));
                }
            }
        }
        return deaths;
    }

    /** What servers of one kind have to survive. */
    private static final class Survival {
        private final CheckedServer.Kind kind;
        private final Backing backing;
        private final Lab lab;
        private final TreeMap<String, Integer> tally = new TreeMap<>();

        Survival(CheckedServer.Kind kind, Backing backing, Lab lab) {
            this.kind = kind;
            this.backing = backing;
            this.lab = lab;
        }

        /** Each of these while it is attached to, each of those while it is taken back. */
        void of(List<Death> attaches, List<Death> undos) throws IOException {
            List<Death> first = Soak.shareOfSlow(attaches);
            List<Death> second = Soak.shareOfSlow(undos);
            long start = System.nanoTime();
            long answers = 0;
            for (int from = 0; from < Math.max(first.size(), second.size()); from += DEATHS_OF_ONE_SERVER) {
                try (CheckedServer server = CheckedServer.start(lab, kind, CLIENTS, PAUSE)) {
                    CodeMappings atFirst = CodeMappings.of(server.process());
                    for (int i = from; i < from + DEATHS_OF_ONE_SERVER; i++) {
                        String what = round(server, part(first, i), part(second, i));
                        assertIsTakenBack(what, atFirst, CodeMappings.of(server.process()), i - from + 1);
                    }
                    server.finish();
                    answers += server.answers();
                }
            }
            System.out.println(kind + " on " + backing.optionValue() + ", " + first.size() + " of " + attaches.size()
                    + " deaths in an attach, " + second.size() + " of " + undos.size() + " in an undo: " + tally + ", "
                    + answers + " right answers, " + (System.nanoTime() - start) / 1_000_000_000 + " s, "
                    + Soak.seed());
        }

        private static List<Death> part(List<Death> deaths, int number) {
            return number < deaths.size() ? List.of(deaths.get(number)) : List.of();
        }

        private String round(CheckedServer server, List<Death> inAttach, List<Death> inUndo) {
            die(server, inAttach, Task.ATTACH);
            done(server, inAttach + " and a later attach", Task.ATTACH);
            assertThat(HugeCode.kilobytes(server.process()))
                    .as("kB of code after %s and a later attach", inAttach)
                    .isGreaterThanOrEqualTo(HUGE_KB);
            TextPages.of(server.process()).assertNoneLeftOutOf(backing);
            die(server, inUndo, Task.UNDO);
            String what = inAttach + ", a later attach, " + inUndo + " and a later undo";
            done(server, what, Task.UNDO);
            TextPages.of(server.process()).assertOnSmallPages();
            return what;
        }

        /** Each tracer that was killed between park and swap may have left the same code mapped once more, open or closed. */
        private static void assertIsTakenBack(String what, CodeMappings before, CodeMappings now, int parks) {
            assertThat(now.lines()).as("the mappings of files after %s", what).containsAll(before.lines());
            List<String> more = new ArrayList<>(now.lines());
            more.removeAll(before.lines());
            assertThat(more)
                    .as("more mappings of files after %s", what)
                    .hasSizeLessThanOrEqualTo(parks)
                    .allMatch(line -> line.contains(" r-xp ") || line.contains(" ---p "));
        }

        private void die(CheckedServer server, List<Death> deaths, Task task) {
            for (Death death : deaths) {
                Outcome outcome = death.run(lab, server.process(), task, backing);
                assertThat(outcome.status()).as("%s: %s", death, outcome).isIn(0, KILLED);
                assertThat(outcome.out() + outcome.err()).as(death.toString()).isEmpty();
                server.assertServesByItself(task + ", " + death);
                tally.merge(task + (outcome.status() == 0 ? " done before" : " killed"), 1, Integer::sum);
            }
        }

        private void done(CheckedServer server, String what, Task task) {
            assertThat(task.of(backing, lab::attach).to(server.process()).run())
                    .as(what)
                    .isEqualTo(DONE);
            server.assertServesByItself(what);
        }
    }
}
