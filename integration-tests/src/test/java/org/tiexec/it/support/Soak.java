package org.tiexec.it.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * How much of a long list of cases a run tries: all of them under {@code -Psoak}, otherwise a part, drawn anew by each run.
 *
 * <p>The variable TIEXEC_CASES_SEED repeats the draw of an earlier run, which has printed its seed.
 */
public final class Soak {
    /** Whether this is the long run. */
    public static final boolean IS_ON = Boolean.getBoolean("tiexec.soak");

    private static final int PART = 10;
    private static final long SEED = Optional.ofNullable(System.getenv("TIEXEC_CASES_SEED"))
            .map(Long::valueOf)
            .orElseGet(System::nanoTime);
    private static final Random RANDOM = new Random(SEED);

    private Soak() {}

    /** All cases, or one in each ten that follow one another. */
    public static <T> List<T> share(List<T> cases) {
        return share(cases, PART);
    }

    /** The same for cases that take seconds: all, or one in each twenty. */
    public static <T> List<T> shareOfSlow(List<T> cases) {
        return share(cases, 2 * PART);
    }

    private static synchronized <T> List<T> share(List<T> cases, int part) {
        if (IS_ON) {
            return cases;
        }
        List<T> share = new ArrayList<>();
        for (int start = 0; start < cases.size(); start += part) {
            share.add(cases.get(start + RANDOM.nextInt(Math.min(part, cases.size() - start))));
        }
        return share;
    }

    /** What to tell of a draw, so that it can be repeated. */
    public static String seed() {
        return IS_ON ? "all cases" : "a part of the cases, TIEXEC_CASES_SEED=" + SEED;
    }
}
