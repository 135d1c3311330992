package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.HeldAnswers;
import org.tiexec.it.support.HugePageQuota;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TextPages;

/** Whatever the pool of huge pages holds, and whoever takes from it, the program runs right. */
@InLab
final class PoolIT {
    private static final int LAUNCHES_IN_A_RACE = 12;

    @Test
    void thatJustSufficesIsUsedUpAndComesBack(Lab lab) {
        lab.pool().provide(neededPages(lab));

        RunningProgram traced = lab.tracer("--strict").of(arguments()).start().awaitLine("ready");

        traced.text().assertWhollyOn(Backing.HUGETLB);
        assertThat(lab.pool().available()).isZero();
        assertThat(traced.finish()).isEqualTo(plain(lab));
        assertThat(lab.pool().isBackToWhereItWas()).isTrue();
    }

    @Test
    void thatIsShortByOnePageIsLeftAloneForTransparentPages(Lab lab) {
        int needed = neededPages(lab);
        lab.pool().provide(needed - 1);

        RunningProgram traced = lab.tracer("--strict").of(arguments()).start().awaitLine("ready");

        traced.text().assertWhollyOn(Backing.THP);
        assertThat(lab.pool().available()).isEqualTo(needed - 1);
        assertThat(traced.finish()).isEqualTo(plain(lab));
        Outcome verbose = lab.tracer("-v").of(arguments()).run();
        assertThat(verbose.err()).contains(needed + " pages needed", needed - 1 + " free", "thp");
    }

    @Test
    void thatIsShortByOnePageMakesAnExplicitWishFailOpen(Lab lab) {
        lab.pool().provide(neededPages(lab) - 1);

        RunningProgram traced =
                lab.tracer("--backing=hugetlb").of(arguments()).start().awaitLine("ready");

        traced.text().assertOnSmallPages();
        assertRanPlainWithOneReason(traced.finish(), plain(lab), "hugetlb");
    }

    @Test
    void thatIsShortByOnePageMakesAStrictWishFailClosed(Lab lab) {
        lab.pool().provide(neededPages(lab) - 1);
        Path trace = lab.directory().resolve("the program ran");

        Outcome strict = lab.tracer("--backing=hugetlb", "--strict")
                .of(Specimens.specimen(), "touch", trace)
                .run();

        assertWasNotRun(strict, trace, "hugetlb");
    }

    @Test
    void whosePagesArePromisedToSomebodyElseIsNotFull(Lab lab) {
        int needed = neededPages(lab);
        lab.pool().provide(needed);
        RunningProgram hog = hog(lab, "reserve", needed);

        RunningProgram traced = lab.tracer("--strict").of(arguments()).start().awaitLine("ready");

        traced.text().assertWhollyOn(Backing.THP);
        assertThat(traced.finish()).isEqualTo(plain(lab));
        hog.finish();
    }

    @Test
    void thatSomebodyEmptiesBetweenPlanAndMmapIsReplacedByTransparentPages(Lab lab) {
        Race race = lostRace(lab);

        race.loser().awaitLine("ready").text().assertWhollyOn(Backing.THP);
        assertThat(race.loser().finish()).isEqualTo(plain(lab));
        race.winner().finish();
    }

    @Test
    void thatSomebodyEmptiesBetweenPlanAndMmapMakesAnExplicitWishFailOpen(Lab lab) {
        Race race = lostRace(lab, "--backing=hugetlb");

        race.loser().awaitLine("ready").text().assertOnSmallPages();
        assertRanPlainWithOneReason(race.loser().finish(), plain(lab), "ENOMEM");
        race.winner().finish();
    }

    @Test
    void thatSomebodyEmptiesBetweenPlanAndMmapMakesAStrictWishFailClosed(Lab lab) {
        Race race = lostRace(lab, "--backing=hugetlb", "--strict");

        Outcome outcome = race.loser().awaitEnd();
        race.winner().finish();

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.errLines()).singleElement().asString().contains("ENOMEM");
    }

    /** The mmap succeeds, the filling fails in the middle: the stage is not wholly huge and is not swapped. */
    @ParameterizedTest
    @ValueSource(strings = {"staged-swap", "in-place"})
    void thatFailsInTheMiddleOfTheFillingIsReplacedByTransparentPages(String method, Lab lab) {
        int needed = neededPages(lab);
        lab.pool().provide(needed);
        try (HugePageQuota quota = new HugePageQuota(lab, needed - 1)) {
            RunningProgram traced = quota.limit(
                            lab.tracer("--strict", "--method=" + method).of(arguments()))
                    .start()
                    .awaitLine("ready");

            traced.text().assertWhollyOn(Backing.THP);
            assertThat(traced.finish()).isEqualTo(plain(lab));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"staged-swap", "in-place"})
    void thatFailsInTheMiddleOfTheFillingMakesAnExplicitWishFailOpen(String method, Lab lab) {
        int needed = neededPages(lab);
        lab.pool().provide(needed);
        try (HugePageQuota quota = new HugePageQuota(lab, needed - 1)) {
            RunningProgram traced = quota.limit(lab.tracer("--backing=hugetlb", "--method=" + method)
                            .of(arguments()))
                    .start()
                    .awaitLine("ready");

            traced.text().assertOnSmallPages();
            assertRanPlainWithOneReason(traced.finish(), plain(lab), "not swapped");
        }
    }

    @Test
    void thatSomebodyFillsAndEmptiesAllTheTimeNeverHarmsTheProgram(Lab lab) {
        int needed = neededPages(lab);
        lab.pool().provide(needed);
        Outcome plain = plain(lab);
        RunningProgram hog =
                lab.plain(Specimens.pageHog(), "toggle", needed).start().awaitLine("toggling");

        for (int launch = 0; launch < LAUNCHES_IN_A_RACE; launch++) {
            RunningProgram traced = lab.traced(arguments()).start().awaitLine("ready");
            TextPages text = traced.text();
            assertThat(text.isWhollyOn(Backing.HUGETLB) || text.isWhollyOn(Backing.THP))
                    .as(text.toString())
                    .isTrue();
            assertThat(traced.finish()).isEqualTo(plain);
        }

        hog.finish();
    }

    private static Object[] arguments() {
        return new Object[] {Specimens.specimen(), "check", "hold", "check", "exit", "7"};
    }

    private static Outcome plain(Lab lab) {
        return lab.plain(arguments()).run();
    }

    private static int neededPages(Lab lab) {
        RunningProgram plain = lab.plain(Specimens.specimen(), "hold").start().awaitLine("ready");
        int pages = Math.toIntExact(plain.text().possibleKb() >> 11);
        plain.finish();
        assertThat(pages).isPositive();
        return pages;
    }

    private static RunningProgram hog(Lab lab, String how, int pages) {
        return lab.plain(Specimens.pageHog(), how, pages).start().awaitLine("got " + pages);
    }

    /** Two that wanted the same pages: one had seen them free, the other has taken them. */
    private record Race(RunningProgram loser, RunningProgram winner) {}

    private static Race lostRace(Lab lab, String... options) {
        int needed = neededPages(lab);
        lab.pool().provide(needed);
        HeldAnswers plan = new HeldAnswers(lab, "plan");
        RunningProgram loser = plan.tracer(options).of(arguments()).start();
        plan.await();
        RunningProgram winner = hog(lab, "hold", needed);
        plan.release();
        return new Race(loser, winner);
    }

    private static void assertRanPlainWithOneReason(Outcome traced, Outcome plain, String reason) {
        assertThat(traced.out()).isEqualTo(plain.out());
        assertThat(traced.status()).isEqualTo(plain.status());
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: ")
                .contains(reason);
    }

    private static void assertWasNotRun(Outcome strict, Path trace, String reason) {
        assertThat(strict.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
        assertThat(strict.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: ")
                .contains(reason);
    }
}
