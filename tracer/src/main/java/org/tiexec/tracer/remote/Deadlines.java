package org.tiexec.tracer.remote;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.target.RunningProcess;

/** Until when threads wait whose calls, with a timeout, are to be made again because we have stopped them. */
final class Deadlines {
    private final RunningProcess process;
    private final LiveArchitecture arch;
    private final Map<Integer, Deadline> known = new HashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();

    Deadlines(RunningProcess process, LiveArchitecture arch) {
        this.process = process;
        this.arch = arch;
    }

    /**
     * A deadline that we have set ourselves.
     *
     * @param timeout by which it is recognised
     * @param at on the clock of {@link System#nanoTime}
     */
    private record Deadline(Duration timeout, long at) {}

    /** Since when a thread waits, if it waits for a time that can be shortened; asked before it is stopped. */
    Optional<LastRun> beginning(ThreadFacts facts) {
        return facts.call()
                .flatMap(call -> arch.timeoutInRegister(call.number(), call.arguments()))
                .flatMap(timeout -> LastRun.of(process, facts.id()));
    }

    /** The registers of a stopped thread with what is left of its timeout; what cannot be kept is noted. */
    Registers kept(int thread, Registers saved, Optional<LastRun> beginning) {
        if (!arch.isFailedByStop(saved)) {
            return saved;
        }
        Optional<Duration> timeout = arch.timeoutInRegister(saved);
        if (timeout.isEmpty()) {
            if (arch.hasTimeoutElsewhere(saved)) {
                notes.add("thread " + thread + " waits in call " + arch.callNumber(saved)
                        + " for the whole of its timeout again");
            }
            return saved;
        }
        Optional<Duration> rest = rest(thread, timeout.get(), beginning);
        if (rest.isEmpty()) {
            notes.add("thread " + thread + " waits in call " + arch.callNumber(saved) + " for all of its "
                    + timeout.get().toMillis() + " ms again");
        }
        Duration kept = rest.orElse(timeout.get());
        Registers changed = arch.withTimeout(saved, kept);
        known.put(
                thread, new Deadline(arch.timeoutInRegister(changed).orElse(kept), System.nanoTime() + kept.toNanos()));
        return changed;
    }

    private Optional<Duration> rest(int thread, Duration timeout, Optional<LastRun> beginning) {
        Deadline deadline = known.get(thread);
        Optional<Duration> rest = deadline != null && deadline.timeout().equals(timeout)
                ? Optional.of(Duration.ofNanos(deadline.at() - System.nanoTime()))
                : beginning
                        .flatMap(start -> LastRun.of(process, thread).flatMap(now -> now.after(start)))
                        .map(timeout::minus);
        return rest.map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    /** What could not be kept, in whole sentences. */
    List<String> notes() {
        return List.copyOf(notes);
    }
}
