package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.it.support.AttachCycles;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Blocker;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Soak;

/**
 * A thread that is borrowed in a system call returns from it as if nothing had been: with the same result, at the same
 * time, never with an EINTR that it would not have seen.
 */
@InLab
final class AttachBlockingCallsIT {
    /**
     * The calls that the kernel does not restart after PTRACE_INTERRUPT; {@link AttachDetectorsIT} finds the same.
     *
     * <p>{@code io_uring_enter-submitting} returns what it has submitted, though there is no completion yet.
     */
    static final Set<String> NOT_RESTARTED = Set.of(
            "epoll_wait",
            "epoll_wait-timed",
            "epoll_pwait",
            "epoll_pwait-timed",
            "epoll_pwait2",
            "epoll_pwait2-timed",
            "accept-timed",
            "recv-timed",
            "recv-internet-timed",
            "send-timed",
            "sigwaitinfo",
            "sigtimedwait-timed",
            "semop",
            "semtimedop",
            "semtimedop-timed",
            "io_getevents",
            "io_getevents-timed",
            "io_uring_enter",
            "io_uring_enter-submitting",
            "io_uring_enter-timed");

    /** Whatever this returned, nobody could tell whether it was interrupted: where there is no other thread, it may be refused. */
    private static final Set<String> CANNOT_BE_KEPT = Set.of("io_uring_enter-submitting", "send-timed");

    /**
     * Those whose timeout is in the program's memory or belongs to a socket, so that it cannot be shortened. Where there is no
     * other thread, they wait for all of it again, which must be told.
     */
    private static final Set<String> WAITS_FOR_ALL_AGAIN = Set.of(
            "epoll_pwait2-timed",
            "accept-timed",
            "recv-timed",
            "recv-internet-timed",
            "sigtimedwait-timed",
            "semtimedop-timed",
            "io_getevents-timed",
            "io_uring_enter-timed");

    private static final int CYCLES = AttachCycles.count(1, 20);

    /** Longer than what is done meanwhile. */
    private static final long TIMEOUT_MILLIS = Soak.IS_ON ? 90_000 : 15_000;

    /** Each is blocked for a while before it is its turn. */
    private static final int STARTED_AHEAD = 8;

    /** What is to be started. */
    private record Kind(String call, boolean accompanied) {
        Blocker start(Lab lab) {
            return Blocker.start(lab, call, accompanied, TIMEOUT_MILLIS);
        }
    }

    /** One that has been attached to while it was in its call. */
    private record Attached(Blocker blocker, Outcome attach) {}

    @Test
    void noCallIsDisturbed(Lab lab) {
        List<String> complaints = new ArrayList<>();
        List<Attached> all = new ArrayList<>();
        Deque<Blocker> started = new ArrayDeque<>();
        for (Iterator<Kind> waiting = kinds(lab).iterator(); waiting.hasNext() || !started.isEmpty(); ) {
            while (waiting.hasNext() && started.size() < STARTED_AHEAD) {
                started.add(waiting.next().start(lab));
            }
            Blocker blocker = started.remove();
            assertThat(blocker.awaitBlockedForLong().isBlocked())
                    .as("%s waits to be attached to", blocker)
                    .isTrue();
            all.add(new Attached(blocker, attach(lab, blocker, complaints)));
        }
        List<String> table = new ArrayList<>();
        for (Attached one : all) {
            Optional<String> complaint = one.blocker
                    .complaint()
                    .filter(what -> !(waitsForAllAgain(one.blocker) && what.contains("it returned too late")));
            complaint.ifPresent(complaints::add);
            table.add("%-44s attach %3d  %s"
                    .formatted(
                            one.blocker, one.attach.status(), complaint.isEmpty() ? "as it should be" : "DISTURBED"));
        }
        table.forEach(System.out::println);
        assertThat(complaints).as("complaints: %s", complaints).isEmpty();
    }

    private static List<Kind> kinds(Lab lab) {
        List<String> calls = new ArrayList<>(Blocker.calls(lab));
        calls.removeIf(call -> call.endsWith("running"));
        assertThat(calls).containsAll(NOT_RESTARTED);
        Set<String> accompanied = new HashSet<>(Soak.share(calls));
        accompanied.addAll(NOT_RESTARTED);
        System.out.println("with a companion: what is not restarted, and " + Soak.seed());
        List<Kind> kinds = new ArrayList<>();
        for (String call : calls) {
            kinds.add(new Kind(call, false));
            if (accompanied.contains(call)) {
                kinds.add(new Kind(call, true));
            }
        }
        return kinds;
    }

    /** With a value in every register, in the flags and in the red zone below its stack, which are to be there afterwards. */
    @ParameterizedTest
    @CsvSource({"running, false", "running, true", "registers-running, false", "registers-running, true"})
    void aThreadThatRunsKeepsAllThatItHas(String call, boolean accompanied, Lab lab) {
        Blocker blocker = Blocker.start(lab, call, accompanied, 0).awaitBlocked();
        List<String> complaints = new ArrayList<>();

        attach(lab, blocker, complaints);
        blocker.complaint().ifPresent(complaints::add);

        assertThat(complaints).isEmpty();
    }

    private static boolean waitsForAllAgain(Blocker blocker) {
        return WAITS_FOR_ALL_AGAIN.contains(blocker.call()) && !blocker.accompanied();
    }

    /** The outcome without what was told, which must be there. */
    private static Outcome told(Outcome outcome, Blocker blocker, List<String> complaints) {
        if (!outcome.err().contains("for the whole of its timeout again")) {
            complaints.add(blocker + ": nothing is told of its timeout: " + outcome);
        }
        return outcome.status() == 0 ? new Outcome(0, outcome.out(), "") : outcome;
    }

    private static Outcome attach(Lab lab, Blocker blocker, List<String> complaints) {
        Outcome outcome = waitsForAllAgain(blocker)
                ? told(lab.attach("-v", "--backing=thp").to(blocker.program()).run(), blocker, complaints)
                : lab.attach("--backing=thp").to(blocker.program()).run();
        for (int cycle = 1; cycle < CYCLES && outcome.status() == 0; cycle++) {
            outcome = lab.attach().undoing().to(blocker.program()).run();
            outcome = outcome.status() == 0
                    ? lab.attach("--backing=thp").to(blocker.program()).run()
                    : outcome;
        }
        boolean mayBeRefused = CANNOT_BE_KEPT.contains(blocker.call()) && !blocker.accompanied();
        if (!outcome.equals(new Outcome(0, "", "")) && !(mayBeRefused && outcome.status() == 125)) {
            complaints.add(blocker + ": attach: " + outcome);
        }
        if (outcome.status() == 0
                && blocker.isBlocked()
                && !blocker.program().text().isWhollyOn(Backing.THP)) {
            complaints.add(blocker + ": its code is not on huge pages");
        }
        return outcome;
    }
}
