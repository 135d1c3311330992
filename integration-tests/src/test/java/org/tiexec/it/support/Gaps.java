package org.tiexec.it.support;

import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** How long a spinning program's threads were kept from executing, between two questions; see {@code spinner.c}. */
public final class Gaps {
    private static final Pattern ANSWER =
            Pattern.compile("(?m)^longest gap (\\d+) us of (\\d+) threads in (\\d+) us, (\\d+) iterations$");

    private final RunningProgram spinner;
    private int asked;

    /** For a program that is ready. */
    public Gaps(RunningProgram spinner) {
        this.spinner = spinner;
        since();
    }

    /**
     * The longest time that any thread was kept from executing.
     *
     * @param longest that time
     * @param in the time that was looked at
     * @param iterations what all threads did in it
     */
    public record Gap(Duration longest, Duration in, long iterations) {
        @Override
        public String toString() {
            return "%.1f ms in %.1f s, %.1f million iterations"
                    .formatted(longest.toNanos() / 1e6, in.toNanos() / 1e9, iterations / 1e6);
        }
    }

    /** The longest since the last question. */
    public Gap since() {
        asked++;
        spinner.say("\n");
        spinner.awaitThat("answer " + asked, () -> answers().results().count() >= asked);
        MatchResult answer = answers().results().skip(asked - 1).findFirst().orElseThrow();
        return new Gap(micros(answer.group(1)), micros(answer.group(3)), Long.parseLong(answer.group(4)));
    }

    /** Lets the program alone for as long as another time took; not at all if that is negative. */
    public void letAlone(Duration time) {
        if (time.isNegative()) {
            return;
        }
        long end = System.nanoTime() + time.toNanos();
        Awaitility.await("as long a time").atMost(time.plusSeconds(10)).until(() -> System.nanoTime() >= end);
    }

    private Matcher answers() {
        return ANSWER.matcher(spinner.out());
    }

    private static Duration micros(String micros) {
        return Duration.ofNanos(Long.parseLong(micros) * 1000);
    }
}
