package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.FatalMessage;
import org.tiexec.it.support.FatalMessage.Moment;
import org.tiexec.it.support.FatalMessage.Victim;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.MessageRelay.Sender;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.Specimens;

/**
 * Helper, tracer or program killed before, within or after each message that tracer and helper exchange in a launch: the
 * program runs whole, has died of the signal that it got, or dies with its tracer without a word.
 */
@InLab
final class MessageBoundaryIT {
    private static final int EXIT = 7;
    private static final int KILLED = 137;

    /** The two ways to put pages in, with what tracer and helper tell each other. */
    enum Method {
        STAGED_SWAP("start do digest", "hello plan step step step step step step end done digested"),
        IN_PLACE("start do do do digest", "hello plan step step step step step step step end done done done digested");

        private final String questions;
        private final String answers;

        Method(String questions, String answers) {
            this.questions = questions;
            this.answers = answers;
        }

        List<String> messages(Sender sender) {
            return List.of((sender == Sender.TRACER ? questions : answers).split(" ", -1));
        }

        String option() {
            return "--method=" + (this == STAGED_SWAP ? "staged-swap" : "in-place");
        }
    }

    /** A message that somebody does not survive. */
    record Boundary(Method method, Victim victim, Sender sender, int number, Moment moment) {
        String type() {
            return method.messages(sender).get(number);
        }

        FatalMessage install(Lab lab) {
            lab.provide(Backing.HUGETLB);
            return new FatalMessage(lab, victim, sender, number, moment);
        }

        /** Whether all that the helper has to do for the swap was done and said before. */
        boolean comesAfterTheLastTask() {
            List<String> messages = method.messages(sender);
            int last = messages.lastIndexOf(sender == Sender.HELPER ? "done" : "digest");
            return sender == Sender.HELPER
                    ? number > last || (number == last && moment == Moment.AFTER)
                    : number >= last;
        }

        /** Whether the tracer cannot have changed anything yet. */
        boolean comesBeforeTheChange() {
            return sender == Sender.HELPER
                    ? number < method.messages(sender).indexOf("end")
                            || (type().equals("end") && moment != Moment.AFTER)
                    : type().equals("start");
        }

        /** Whether the program exists, standing before its first instruction or not. */
        boolean comesAfterTheExecve() {
            return sender == Sender.TRACER || !type().equals("hello");
        }

        @Override
        public String toString() {
            return victim + " killed " + moment + " " + type() + " (" + number + ") of " + sender + ", " + method;
        }
    }

    private static List<Boundary> boundaries(Victim victim) {
        List<Boundary> boundaries = new ArrayList<>();
        for (Method method : Method.values()) {
            for (Sender sender : Sender.values()) {
                for (int number = 0; number < method.messages(sender).size(); number++) {
                    for (Moment moment : Moment.values()) {
                        boundaries.add(new Boundary(method, victim, sender, number, moment));
                    }
                }
            }
        }
        return boundaries;
    }

    private static Stream<Boundary> share(Stream<Boundary> boundaries) {
        System.out.println("boundaries: " + Soak.seed());
        return Soak.share(boundaries.toList()).stream();
    }

    @ParameterizedTest
    @EnumSource
    void theseAreTheMessages(Method method, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        FatalMessage none = new FatalMessage(lab, Victim.HELPER, Sender.HELPER, -1, Moment.AFTER);

        Outcome outcome = none.tracer("--launch=child", "--strict", method.option(), archive(lab))
                .of(Specimens.specimen(), "check", "exit", EXIT)
                .run();

        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(EXIT);
        assertThat(none.messages(Sender.TRACER)).isEqualTo(method.messages(Sender.TRACER));
        assertThat(none.messages(Sender.HELPER)).isEqualTo(method.messages(Sender.HELPER));
    }

    // ---- the helper

    static Stream<Boundary> deathsOfTheHelper() {
        return share(boundaries(Victim.HELPER).stream());
    }

    @ParameterizedTest
    @MethodSource("deathsOfTheHelper")
    void withoutItsHelperTheProgramRuns(Boundary boundary, Lab lab) throws IOException {
        FatalMessage fatal = boundary.install(lab);
        Outcome plain = lab.plain(Specimens.specimen(), "check", "hold", "check", "exit", EXIT)
                .run();

        RunningProgram traced = fatal.tracer("--launch=child", boundary.method.option(), archive(lab))
                .of(Specimens.specimen(), "check", "hold", "check", "exit", EXIT)
                .start()
                .awaitLine("ready");
        if (boundary.comesAfterTheLastTask()) {
            traced.text().assertWhollyOn(Backing.HUGETLB);
        } else {
            traced.text().assertOnSmallPages();
        }
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(EXIT);
        if (boundary.comesAfterTheLastTask()) {
            assertThat(outcome.err()).isEmpty();
            String archived = archived(lab);
            assertThat(archived).contains("\"outcome\" : \"swapped\"");
            boolean isDigested = boundary.type().equals("digested") && boundary.moment == Moment.AFTER;
            assertThat(archived).contains(isDigested ? "\"sha256\" : \"" : "\"undigested\" : \"helper: ");
        } else {
            assertThat(outcome.errLines())
                    .singleElement()
                    .asString()
                    .startsWith("tracer: " + Specimens.specimen() + ": ")
                    .contains("helper: ")
                    .endsWith("; the program runs without 2 MB pages");
        }
    }

    @ParameterizedTest
    @MethodSource("deathsOfTheHelper")
    void withoutItsHelperAStrictLaunchRunsOnlyWhatIsWhollySwapped(Boundary boundary, Lab lab) {
        FatalMessage fatal = boundary.install(lab);
        Path trace = lab.directory().resolve("the program ran");

        Outcome outcome = fatal.tracer("--launch=child", "--strict", boundary.method.option())
                .of(Specimens.specimen(), "touch", trace, "exit", EXIT)
                .run();

        if (boundary.comesAfterTheLastTask()) {
            assertThat(outcome).isEqualTo(new Outcome(EXIT, "", ""));
            assertThat(trace).exists();
        } else {
            assertThat(outcome.status()).as(outcome.toString()).isEqualTo(125);
            assertThat(trace).doesNotExist();
            assertThat(outcome.errLines()).singleElement().asString().endsWith("; the program was not run");
        }
    }

    // ---- the tracer

    static Stream<Boundary> deathsOfTheTracer() {
        return share(boundaries(Victim.TRACER).stream().filter(boundary -> boundary.moment != Moment.WITHIN));
    }

    @ParameterizedTest
    @MethodSource("deathsOfTheTracer")
    void withoutItsTracerTheProgramRunsWholeOrNotAtAll(Boundary boundary, Lab lab) throws IOException {
        FatalMessage fatal = boundary.install(lab);
        Path report = Files.createTempFile(lab.directory(), "witness", "");
        Outcome plain = lab.plain(Specimens.specimen(), "check", "say", "whole", "exit", EXIT)
                .run();

        Command tracer = fatal.tracer("--launch=child", boundary.method.option(), archive(lab))
                .of(Specimens.specimen(), "check", "say", "whole", "exit", EXIT);
        Outcome outcome = tracer.after(Specimens.witness(), report).run();

        List<String> ends = Files.readAllLines(report);
        String what = ends + ", " + outcome;
        assertThat(outcome.err()).as(what).isEmpty();
        boolean ran = ends.contains("orphan exited with " + EXIT) || ends.contains("exited with " + EXIT);
        assertThat(outcome.out()).as(what).isEqualTo(ran ? plain.out() : "");
        if (!boundary.comesAfterTheExecve()) {
            // the stub ends with the tracer; after hello, the tracer may have come further
            assertThat(ran && boundary.moment == Moment.BEFORE).as(what).isFalse();
        } else if (boundary.comesBeforeTheChange()) {
            assertThat(ran).as(what).isTrue();
        } else if (boundary.comesAfterTheLastTask()) {
            // Just after the last task, its tracer may still be at work.
            boolean isAtWork = boundary.type().equals("done");
            assertThat(ran || isAtWork).as(what).isTrue();
        } else if (!(boundary.type().equals("end") && boundary.moment == Moment.AFTER)) {
            assertThat(ran).as(what).isFalse();
        }
    }

    // ---- the program

    static Stream<Boundary> deathsOfTheProgram() {
        return share(boundaries(Victim.PROGRAM).stream()
                .filter(boundary -> boundary.moment != Moment.WITHIN)
                .filter(Boundary::comesAfterTheExecve));
    }

    @ParameterizedTest
    @MethodSource("deathsOfTheProgram")
    void aKilledProgramHasDiedOfThat(Boundary boundary, Lab lab) throws IOException {
        assertHasDied(
                boundary.install(lab)
                        .tracer("--launch=child", boundary.method.option(), archive(lab))
                        .of(held()),
                boundary);
    }

    @ParameterizedTest
    @MethodSource("deathsOfTheProgram")
    void aProgramKilledInAStrictLaunchHasDiedOfThat(Boundary boundary, Lab lab) throws IOException {
        assertHasDied(
                boundary.install(lab)
                        .tracer("--launch=child", "--strict", boundary.method.option(), archive(lab))
                        .of(held()),
                boundary);
    }

    private static Object[] held() {
        return new Object[] {Specimens.specimen(), "hold", "exit", EXIT};
    }

    private static void assertHasDied(Command command, Boundary boundary) {
        Outcome outcome = command.start().awaitEnd();

        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(KILLED);
        assertThat(outcome.err()).isEmpty();
        if (boundary.comesAfterTheLastTask()) {
            assertThat(outcome.out()).isIn("", "ready\n");
        } else {
            assertThat(outcome.out()).isEmpty();
        }
    }

    private static String archive(Lab lab) throws IOException {
        return "--archive="
                + Files.createDirectory(
                        lab.directory().resolve("archive"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static String archived(Lab lab) throws IOException {
        try (Stream<Path> files = Files.list(lab.directory().resolve("archive"))) {
            List<Path> archives = files.toList();
            assertThat(archives).hasSize(1);
            return Files.readString(archives.get(0));
        }
    }
}
