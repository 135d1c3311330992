package org.tiexec.tracer.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.tiexec.tracer.target.RunningProcess;
import org.tiexec.tracer.target.TargetGoneException;

/** All threads of a process, standing still. */
final class HeldThreads {
    private static final long PAUSE_NANOS = 1_000_000;

    private final RunningProcess process;
    private final Lender lender;
    private final Duration patience;
    private final Map<Integer, BorrowedThread> held = new LinkedHashMap<>();

    HeldThreads(RunningProcess process, Lender lender, Duration patience) {
        this.process = process;
        this.lender = lender;
        this.patience = patience;
    }

    /**
     * Stops every thread that does not stand yet, until no new one is found.
     *
     * @throws RefusedException if some thread does not stop; all run again
     * @throws TargetGoneException if the process has ended
     */
    void stopAll() throws RefusedException, TargetGoneException {
        long start = System.nanoTime();
        while (true) {
            List<Integer> missing = missing();
            if (missing.isEmpty()) {
                return;
            }
            boolean progress = false;
            for (int thread : missing) {
                Optional<ThreadFacts> facts = ThreadFacts.of(process, thread);
                Optional<BorrowedThread> borrowed =
                        facts.isPresent() ? lender.tryToBorrow(facts.get(), false) : Optional.empty();
                borrowed.ifPresent(each -> held.put(each.id(), each));
                progress |= borrowed.isPresent();
            }
            if (System.nanoTime() - start > patience.toNanos()) {
                letGo();
                throw new RefusedException(
                        Refusal.Kind.NO_SUITABLE_THREAD,
                        "thread " + missing.get(0) + " of process " + process.pid() + " does not stop in "
                                + patience.toMillis() + " ms; attach without --stop-all");
            }
            for (Optional<BorrowedThread> late = lender.latecomer(); late.isPresent(); late = lender.latecomer()) {
                held.put(late.get().id(), late.get());
                progress = true;
            }
            if (!progress) {
                buryDead();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Takes note of the ends of those that were killed in their stop, for which an execve of another thread waits. */
    private void buryDead() {
        for (BorrowedThread each : List.copyOf(held.values())) {
            boolean isDead = ThreadFacts.of(process, each.id())
                    .map(HeldThreads::hasEnded)
                    .orElse(true);
            if (isDead) {
                held.remove(each.id());
                each.goHome();
                lender.released(each.id());
            }
        }
    }

    private static boolean hasEnded(ThreadFacts facts) {
        return facts.state() == 'Z' || facts.state() == 'X';
    }

    private List<Integer> missing() throws TargetGoneException {
        try {
            Set<Integer> alive = new HashSet<>(process.threads());
            held.keySet().retainAll(alive);
            List<Integer> missing = new ArrayList<>(alive);
            missing.removeAll(held.keySet());
            missing.removeIf(thread ->
                    ThreadFacts.of(process, thread).map(HeldThreads::hasEnded).orElse(true));
            return missing;
        } catch (IOException e) {
            throw new TargetGoneException(process.pid(), "has ended");
        }
    }

    /** Takes one of them to work for us; it counts no longer as held. */
    Optional<BorrowedThread> take() {
        Optional<BorrowedThread> taken = held.values().stream().findFirst();
        taken.ifPresent(thread -> held.remove(thread.id()));
        return taken;
    }

    /** Lets all of them go. */
    void letGo() {
        List<BorrowedThread> all = List.copyOf(held.values());
        held.clear();
        for (BorrowedThread each : all) {
            each.goHome();
            lender.released(each.id());
        }
    }
}
