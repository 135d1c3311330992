package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.HeldAnswers;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Installation;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TracerRun;

/** Whatever goes wrong on our side, the program runs as if we were not there, or, where that was asked for, not at all. */
@InLab
final class FailOpenIT {
    /** Keeps the tasks of filling and verifying from the real helper and answers them as if they had been done. */
    private static final String LIAR = """
            #!/usr/bin/env node
            const { spawn } = require('child_process');
            const { createInterface } = require('readline');
            const real = spawn('REAL_HELPER', ['serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
            const kept = new Set();
            createInterface({ input: real.stdout }).on('line', line => {
                const message = JSON.parse(line);
                if (message.type === 'step' && (message.do === 'fill' || message.do === 'verify')) kept.add(message.id);
                console.log(line);
            });
            createInterface({ input: process.stdin }).on('line', line => {
                const message = JSON.parse(line);
                if (message.type === 'do' && kept.has(message.id)) {
                    console.log(JSON.stringify({ type: 'done', id: message.id, result: '0x400000' }));
                } else {
                    real.stdin.write(line + '\\n');
                }
            }).on('close', () => real.stdin.end());
            """;

    /** What stands in the helper's place. */
    private enum Substitute {
        NOTHING,
        SCRIPT,
        FILTER_OF_THE_ANSWERS
    }

    /** A helper that fails its tracer. */
    enum BrokenHelper {
        IS_MISSING(Substitute.NOTHING, ""),
        ENDS_AT_ONCE(Substitute.SCRIPT, "#!/bin/sh\nexit 3\n"),
        SPEAKS_NO_JSON(Substitute.SCRIPT, "#!/bin/sh\necho 'hello, tracer'\nexec cat >/dev/null\n"),
        CLAIMS_WORK_THAT_IT_HAS_NOT_DONE(Substitute.SCRIPT, LIAR),
        SPEAKS_ANOTHER_VERSION(
                Substitute.FILTER_OF_THE_ANSWERS, "sed -u '/\"type\":\"hello\"/s/\"version\":[0-9]*/\"version\":99/'"),
        ENDS_WITHIN_THE_PLAN(Substitute.FILTER_OF_THE_ANSWERS, "sed -u '/\"type\":\"step\"/q'"),
        ENDS_WITHIN_THE_FILLING(Substitute.FILTER_OF_THE_ANSWERS, "sed -u '/\"type\":\"done\"/Q'"),
        ANSWERS_ANOTHER_STEP(
                Substitute.FILTER_OF_THE_ANSWERS, "sed -u '/\"type\":\"done\"/s/\"id\":\"[^\"]*\"/\"id\":\"s999\"/'"),
        PLANS_FOR_ANOTHER_PROCESS(
                Substitute.FILTER_OF_THE_ANSWERS, "sed -u '/\"type\":\"plan\"/s/\"pid\":[0-9]*/\"pid\":1/'"),
        WANTS_WRITABLE_CODE(
                Substitute.FILTER_OF_THE_ANSWERS,
                "sed -u 's/\"PROT_READ|PROT_EXEC\"/\"PROT_READ|PROT_WRITE|PROT_EXEC\"/'"),
        WANTS_A_FORBIDDEN_CALL(Substitute.FILTER_OF_THE_ANSWERS, "sed -u 's/\"call\":\"mremap\"/\"call\":\"unlink\"/'"),
        WANTS_A_REGION_THAT_IS_NOT_THERE(
                Substitute.FILTER_OF_THE_ANSWERS,
                "sed -u '/\"type\":\"plan\"/s/\"fileOffset\":\"0x[0-9a-f]*\"/\"fileOffset\":\"0x7000\"/'");

        private final Substitute substitute;
        private final String text;

        BrokenHelper(Substitute substitute, String text) {
            this.substitute = substitute;
            this.text = text;
        }

        Installation install(Lab lab) {
            return switch (substitute) {
                case NOTHING -> Installation.withoutHelper(lab);
                case SCRIPT ->
                    Installation.withHelper(
                            lab,
                            text.replace(
                                    "REAL_HELPER",
                                    Lab.root().resolve("helper/bin/helper").toString()));
                case FILTER_OF_THE_ANSWERS -> Installation.withAnswersThrough(lab, text);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenHelperLetsTheProgramRunPlain(BrokenHelper helper, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced =
                helper.install(lab).tracer().of(arguments()).start().awaitLine("ready");
        traced.text().assertOnSmallPages();
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(plain.status());
        assertThat(outcome.errLines()).singleElement().asString().startsWith("tracer: ");
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenHelperKeepsAStrictLaunchFromRunningTheProgram(BrokenHelper helper, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path trace = lab.directory().resolve("the program ran");

        Outcome strict = helper.install(lab)
                .tracer("--strict")
                .of(Specimens.specimen(), "touch", trace)
                .run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
        assertThat(strict.errLines()).singleElement().asString().startsWith("tracer: ");
    }

    /** A helper that keeps its tracer waiting. */
    enum SlowHelper {
        SAYS_NOTHING(Substitute.SCRIPT, "#!/bin/sh\nexec sleep 60\n"),
        STOPS_WITHIN_ITS_FIRST_LINE(Substitute.SCRIPT, "#!/bin/sh\nprintf '{\"type\":\"hello\"'\nexec sleep 60\n"),
        IS_NEVER_DONE_WITH_A_LINE(Substitute.SCRIPT, "#!/bin/sh\nwhile sleep 0.1; do printf ' ' || exit; done\n"),
        STOPS_WITHIN_THE_PLAN(
                Substitute.FILTER_OF_THE_ANSWERS, "sh -c \"sed -u '/\\\"type\\\":\\\"step\\\"/q'; exec sleep 60\""),
        STOPS_WITHIN_THE_FILLING(
                Substitute.FILTER_OF_THE_ANSWERS, "sh -c \"sed -u '/\\\"type\\\":\\\"done\\\"/Q'; exec sleep 60\"");

        private final Substitute substitute;
        private final String text;

        SlowHelper(Substitute substitute, String text) {
            this.substitute = substitute;
            this.text = text;
        }

        Installation install(Lab lab) {
            return substitute == Substitute.SCRIPT
                    ? Installation.withHelper(lab, text)
                    : Installation.withAnswersThrough(lab, text);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHelperThatIsWaitedForInVainLetsTheProgramRunPlain(SlowHelper helper, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced = helper.install(lab)
                .tracer("--timeout=1.5")
                .of(arguments())
                .start()
                .awaitLine("ready");
        traced.text().assertOnSmallPages();
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(plain.status());
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .contains("helper: no answer within 1.5 s (wait longer: --timeout=SECONDS)");
    }

    @Test
    void aHelperThatIsNoisyHoldsNobodyUp(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Installation noisy =
                Installation.withHelper(lab, """
                #!/bin/sh
                head -c 1000000 /dev/zero | tr '\\0' x >&2
                exec '%s' "$@"
                """.formatted(Lab.root().resolve("helper/bin/helper")));

        RunningProgram traced = noisy.tracer().of(arguments()).start().awaitLine("ready");
        traced.text().assertWhollyOn(Backing.HUGETLB);

        assertThat(traced.finish().err()).isEmpty();
    }

    @Test
    void theLastWordsOfAHelperAreItsReason(Lab lab) {
        Installation dying =
                Installation.withHelper(lab, "#!/bin/sh\necho 'helper: the library is missing' >&2\nexit 1\n");

        Outcome outcome = dying.tracer().of(Specimens.specimen(), "exit", "3").run();

        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .contains("ended before it answered; it said: helper: the library is missing");
    }

    @Test
    void codeThatIsSwappedInPlaceIsComparedByTheTracerToo(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced = BrokenHelper.CLAIMS_WORK_THAT_IT_HAS_NOT_DONE
                .install(lab)
                .tracer("--method=in-place")
                .of(arguments())
                .start()
                .awaitLine("ready");
        traced.text().assertOnSmallPages();

        assertThat(traced.finish().out()).isEqualTo(plain.out());
    }

    @ParameterizedTest
    @CsvSource({
        "no-thp, thp, staged-swap",
        "no-thp, thp, in-place",
        "no-mremap, hugetlb, staged-swap",
        "no-mremap, hugetlb, in-place",
        "no-mremap, thp, staged-swap"
    })
    void aKernelThatRefusesLetsTheProgramRunPlain(String restriction, String backing, String method, Lab lab) {
        lab.provide(Backing.HUGETLB);
        TracerRun tracer = lab.tracer("--backing=" + backing, "--method=" + method);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced =
                under(restriction, tracer.of(arguments())).start().awaitLine("ready");
        traced.text().assertOnSmallPages();
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(plain.status());
        assertThat(outcome.errLines()).singleElement().asString().startsWith("tracer: ");
    }

    @Test
    void withoutAnyHugePagesAStrictLaunchDoesNotRunTheProgram(Lab lab) {
        lab.pool().provide(0);
        Path trace = lab.directory().resolve("the program ran");

        Outcome strict = under("no-thp", lab.tracer("--strict").of(Specimens.specimen(), "touch", trace))
                .run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
    }

    /** A half-changed program must never run on. */
    @ParameterizedTest
    @ValueSource(strings = {"staged-swap", "in-place"})
    void aTracerThatDiesInTheMiddleOfTheChangeTakesTheProgramWithIt(String method, Lab lab) {
        lab.provide(Backing.HUGETLB);
        HeldAnswers filling = new HeldAnswers(lab, "done");
        RunningProgram traced =
                filling.tracer("--method=" + method).of(arguments()).start();
        filling.await();
        LiveProcess program = traced.program();

        traced.tracer().signal("KILL");

        Awaitility.await("the end of the program")
                .atMost(Duration.ofSeconds(10))
                .until(() -> !program.isAlive());
        assertThat(traced.awaitEnd().out()).isEmpty();
        filling.release();
    }

    /** Nothing has been changed yet: it runs as if it had been started without us. */
    @ParameterizedTest
    @ValueSource(strings = {"plan", "end"})
    void aTracerThatDiesBeforeTheChangeDoesNotHarmTheProgram(String message, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(Specimens.specimen(), "mask", "check").run();
        HeldAnswers answers = new HeldAnswers(lab, message);
        RunningProgram traced =
                answers.tracer().of(Specimens.specimen(), "mask", "check").start();
        answers.await();

        traced.tracer().signal("KILL");

        Awaitility.await("the program's last words")
                .atMost(Duration.ofSeconds(10))
                .until(() -> traced.out().equals(plain.out()));
        assertThat(plain.out()).startsWith("SigBlk:\t00000000").contains("text as in the file");
        answers.release();
    }

    /** It is the program's end that counts, whoever brought it about, and not a failure of ours. */
    @ParameterizedTest
    @CsvSource({"plan, false", "plan, true", "end, false", "done, false", "done, true"})
    void aProgramThatIsKilledWhileItStandsStillHasDiedOfThat(String message, boolean strict, Lab lab) {
        lab.provide(Backing.HUGETLB);
        HeldAnswers answers = new HeldAnswers(lab, message);
        TracerRun tracer = strict ? answers.tracer("--strict") : answers.tracer();
        RunningProgram traced = tracer.of(arguments()).start();
        answers.await();

        traced.program().signal("KILL");
        answers.release();
        Outcome outcome = traced.awaitEnd();

        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(137);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void aTracerThatDiesAfterwardsDoesNotHarmTheProgram(Lab lab) {
        lab.provide(Backing.HUGETLB);
        RunningProgram traced = lab.tracer("--launch=child")
                .of(Specimens.specimen(), "hold", "check", "say", "still here")
                .start()
                .awaitLine("ready");

        // its standard input ends with the tracer, which lets it go on
        traced.tracer().signal("KILL");

        Awaitility.await("the program's last words")
                .atMost(Duration.ofSeconds(10))
                .until(() -> traced.out().endsWith("still here\n"));
        assertThat(traced.out()).contains("text as in the file");
    }

    private static Object[] arguments() {
        return new Object[] {Specimens.specimen(), "check", "hold", "check", "exit", "7"};
    }

    private static Command under(String restriction, Command command) {
        return command.after(Specimens.under(), restriction);
    }
}
