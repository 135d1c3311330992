package org.tiexec.tracer.launch;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.procfs.Ids;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.OwnFilters;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.remote.AccessGrant;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.swap.Optimiser;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.ByteComparison;
import org.tiexec.tracer.sys.Identity;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/** A program that stands still at its beginning: before its first instruction and, if its libraries are wanted, at its entry point. */
final class HeldProgram {
    private final Launch launch;
    private final PtraceTarget target;
    private final HelperProcess helper;
    private final SeccompTrial.Verdict verdict;
    private final Settings settings;
    private final PhaseClock clock;
    private final Optimiser optimiser;
    private long stopped = System.nanoTime();
    private Meeting meeting = Meeting.atFirstInstruction();
    private LaunchResult result = new LaunchResult(List.of(), Optional.empty());

    /**
     * Begins with one that stands before its first instruction.
     *
     * @param yama what else than the usual rights decides who may touch its memory
     * @param verdict which pages may be used
     * @param clock for what is done to it
     */
    HeldProgram(
            Launch launch,
            PtraceTarget target,
            HelperProcess helper,
            Yama yama,
            SeccompTrial.Verdict verdict,
            ByteComparison comparison,
            MemoryRoom memory,
            PhaseClock clock) {
        this.launch = launch;
        this.target = target;
        this.helper = helper;
        this.verdict = verdict;
        this.settings = verdict.settings(launch.options().settings());
        this.clock = clock;
        Optional<AccessGrant> leave = yama.separatesSiblings()
                ? Optional.of(new AccessGrant(target, launch.arch(), helper.pid()))
                : Optional.empty();
        this.optimiser = new Optimiser(
                target,
                new RemoteSyscalls(target, launch.arch()),
                leave,
                helper.conversation(),
                helper.conversation(),
                comparison,
                memory,
                clock);
    }

    PtraceTarget target() {
        return target;
    }

    HelperProcess helper() {
        return helper;
    }

    /** Whether it has to run to its entry point before anything can be done. */
    boolean isMetLater() {
        return settings.targets().includeLibraries() && launch.arch().matches(target.registers());
    }

    /**
     * Brings it to where it is met.
     *
     * @throws TargetGoneException if it ends on the way
     */
    Meeting meet() throws TargetGoneException {
        if (isMetLater()) {
            meeting = Meeting.atEntryPoint(target, launch);
            clock.end("way to the entry point");
            stopped = System.nanoTime();
        }
        return meeting;
    }

    /** What would be done to it where it has been met, which it is not. */
    PlanAnswer plan() throws HelperFailedException {
        Optional<PlanAnswer.Declined> obstacle = obstacle();
        if (obstacle.isPresent()) {
            return obstacle.get();
        }
        helper.conversation().requestPlan(target.pid(), settings);
        return helper.conversation().awaitPlan();
    }

    /**
     * Brings its code to 2 MB pages where it has been met.
     *
     * @throws RollbackFailedException if it is half-changed and must not run
     */
    LaunchResult optimise() throws TargetGoneException, RollbackFailedException {
        Optional<PlanAnswer.Declined> shortfall = attempt();
        result = new LaunchResult(optimiser.attempts(), shortfall);
        return result;
    }

    private Optional<PlanAnswer.Declined> attempt() throws TargetGoneException, RollbackFailedException {
        Optional<PlanAnswer.Declined> obstacle = obstacle();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        if (meeting.hasCompany()) {
            return Optional.of(new PlanAnswer.Declined(
                    false,
                    "constructors of its libraries have started threads, so that it can only be done while it runs,"
                            + " which --strict forbids"));
        }
        return launch.arch().matches(target.registers())
                ? optimiser.optimise(settings)
                : Optional.of(new PlanAnswer.Declined(false, "not a 64-bit program of this architecture"));
    }

    private Optional<PlanAnswer.Declined> obstacle() {
        if (meeting.obstacle().isPresent()) {
            return meeting.obstacle();
        }
        Optional<String> filters;
        try {
            filters = OwnFilters.objection(target.procFile("status"));
        } catch (IOException e) {
            // It has been killed, as the next who wants something of it will find.
            filters = Optional.empty();
        }
        return filters.isPresent() ? Optional.of(new PlanAnswer.Declined(false, filters.get())) : Optional.empty();
    }

    /** Whether it has executed another program instead, before whose first instruction it stands. */
    boolean isElsewhere() {
        return meeting.isElsewhere();
    }

    /** Why there was nothing to do, or not everything was done; empty if it was. */
    String shortfall() {
        return meeting.obstacle().isPresent() ? meeting.obstacle().get().reason() : result.reason();
    }

    /** One that has failed may be slow and not dead: it must not write to memory that it was once given. */
    void endFailedHelper() {
        if (helper.conversation().hasFailed()) {
            helper.close();
        }
    }

    /** What was done, to be told before it can write anything, and end. */
    RunReport report(String program) {
        long stopNanos = System.nanoTime() - stopped;
        return result.report(target.pid(), program, verdict.reason(), noticed(), clock.phases(), stopNanos);
    }

    /** What was executed since may have become somebody else. */
    private List<String> noticed() {
        Optional<Identity> identity = launch.inheritance().identity();
        return identity.isPresent() && isStill(identity.get()) ? List.of("it runs as " + identity.get()) : List.of();
    }

    private boolean isStill(Identity identity) {
        try {
            Ids ids = new Ids(target.procFile("status"));
            return identity.isWhollyIn(ids.users(), ids.groups(), ids.supplementary());
        } catch (IOException | ProcFormatException e) {
            return false;
        }
    }
}
