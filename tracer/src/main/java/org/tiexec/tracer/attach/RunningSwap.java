package org.tiexec.tracer.attach;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.Phase;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.helper.HelperConversation;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.swap.Optimiser;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.Rehearsal;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.target.OpenComparison;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.TargetGoneException;

/** One change of the code of a process that runs meanwhile, whoever asks for it. */
public final class RunningSwap {
    private static final Duration MAX_PATIENCE = Duration.ofSeconds(3);

    private final OpenedProcess process;
    private final ThreadCalls calls;
    private final Optimiser optimiser;
    private final List<String> leftovers;
    private final PhaseClock clock;

    /**
     * Prepares.
     *
     * @param stopAll whether all threads are to stand still whenever one works for us
     * @param timeout a thread is looked for no longer than that
     * @param helper who plans
     * @param tasks who does the plan's tasks
     * @throws IOException if the process has ended
     */
    public RunningSwap(
            OpenedProcess process,
            LiveArchitecture arch,
            boolean stopAll,
            Duration timeout,
            HelperConversation helper,
            HelperTasks tasks,
            MemoryRoom memory,
            PhaseClock clock)
            throws IOException, ProcFormatException {
        this.process = process;
        this.leftovers = Leftovers.in(MapsParser.parse(process.procFile("maps")));
        this.calls = new ThreadCalls(process, arch, stopAll, patience(timeout));
        this.optimiser = new Optimiser(
                process, calls, Optional.empty(), helper, tasks, new OpenComparison(process), memory, clock);
        this.clock = clock;
    }

    /** How long a thread is looked for: one that is fit is found at once, or all wait for something that takes its time. */
    private static Duration patience(Duration timeout) {
        return timeout.compareTo(MAX_PATIENCE) < 0 ? timeout : MAX_PATIENCE;
    }

    /**
     * Loads and compiles what it takes, so that no thread of somebody else's stands still for that.
     *
     * @param nativeCalls of the thread that is going to trace
     */
    public static void rehearse(NativeCalls nativeCalls, LiveArchitecture arch) {
        nativeCalls.processes().hearOfStops(arch.number(InjectedCall.RT_SIGACTION));
        Rehearsal.run();
        DressRehearsal.run(nativeCalls, arch);
    }

    /**
     * Does it.
     *
     * @return why nothing, or not everything, was asked for or done; empty if all that was planned is done
     */
    public Optional<PlanAnswer.Declined> perform(Settings settings)
            throws TargetGoneException, RollbackFailedException {
        return optimiser.optimise(settings);
    }

    /** What was done. */
    public RunReport report(String program, Purpose purpose, Optional<PlanAnswer.Declined> shortfall) {
        List<Attempt> attempts = optimiser.attempts();
        List<String> notes = new ArrayList<>();
        boolean toldByRegions = attempts.stream().anyMatch(attempt -> !attempt.swappedEverything());
        if (!toldByRegions) {
            shortfall.map(PlanAnswer.Declined::reason).ifPresent(notes::add);
        }
        notes.addAll(calls.obstacles());
        notes.addAll(leftovers);
        List<Phase> phases = clock.phases();
        return new RunReport(
                purpose,
                process.pid(),
                program,
                outcome(purpose, shortfall),
                attempts,
                notes,
                calls.noticed(),
                phases,
                calls.stops());
    }

    private String outcome(Purpose purpose, Optional<PlanAnswer.Declined> shortfall) {
        String done = purpose == Purpose.UNDO ? "undone" : "swapped";
        if (shortfall.isEmpty()) {
            return done;
        }
        if (didSomething()) {
            return "partly-" + done;
        }
        return shortfall.get().nothingToDo() ? "nothing-to-do" : "not-" + done;
    }

    /** Whether a part of it was done. */
    public boolean didSomething() {
        return optimiser.attempts().stream().anyMatch(Attempt::swappedSomething);
    }

    /** Why no thread could be borrowed, each reason once. */
    public List<String> obstacles() {
        return calls.obstacles();
    }
}
