package org.tiexec.it.support;

import java.util.List;
import java.util.Optional;
import org.tiexec.it.support.Specimens.Linkage;

/**
 * A program that blocks in one system call, and says at its end whether that was as it should be.
 *
 * @param call the name of the call, see {@code blocker.c}
 * @param accompanied whether a second thread waits in futex
 * @param program the program, which blocks
 * @param startedNanos when it was started
 */
public record Blocker(String call, boolean accompanied, RunningProgram program, long startedNanos) {
    /** How late such a call may return on a machine that has other things to do; a third of what can be told from it. */
    private static final long TOLERANCE_MILLIS = 1_000;

    /** Every call that there is. */
    public static List<String> calls(Lab lab) {
        return lab.plain(Specimens.blocker(Linkage.PIE), "list").run().outLines();
    }

    /** Whether a call of this name ends by its own timeout. */
    public static boolean isTimed(String call) {
        return call.endsWith("-timed") || call.endsWith("-until");
    }

    /** Starts one; it is waited for later, so that many can be started at the same time. */
    public static Blocker start(Lab lab, String call, boolean accompanied, long timeoutMillis) {
        return new Blocker(
                call,
                accompanied,
                lab.plain(
                                Specimens.blocker(Linkage.PIE),
                                call,
                                timeoutMillis,
                                TOLERANCE_MILLIS,
                                accompanied ? "companion" : "alone")
                        .start(),
                System.nanoTime());
    }

    /** Waits until it is in its call. */
    public Blocker awaitBlocked() {
        program.awaitLine("ready");
        String number = program.out()
                .lines()
                .filter(line -> line.startsWith("blocking in "))
                .map(line -> line.substring("blocking in ".length()))
                .findFirst()
                .orElseThrow();
        // without a call it has nothing to be waited for in
        if (!number.equals("-1")) {
            program.awaitThat("blocked in " + call, () -> now().startsWith(number + " "));
        }
        return this;
    }

    /** Waits until a timeout that began anew now would be noticed. */
    public Blocker awaitBlockedForLong() {
        awaitBlocked();
        long due = startedNanos + 3 * TOLERANCE_MILLIS * 1_000_000;
        program.awaitThat("blocked for long", () -> System.nanoTime() >= due);
        return this;
    }

    /** Whether it still runs. */
    public boolean isBlocked() {
        return program.process().isAlive();
    }

    private String now() {
        LiveProcess process = program.process();
        return process.read("task/" + process.pid() + "/syscall");
    }

    /** What was wrong with the call, once it has returned: because it was let, or because its time was over. */
    public Optional<String> complaint() {
        Outcome outcome = program.finish();
        boolean isRight = outcome.status() == 0 && outcome.out().endsWith("\nas it should be\n");
        return isRight ? Optional.empty() : Optional.of(outcome.toString());
    }

    @Override
    public String toString() {
        return call + (accompanied ? " with a companion" : " alone");
    }
}
