package org.tiexec.tracer.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.remote.AccessGrant;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.swap.Optimiser;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.ByteComparison;
import org.tiexec.tracer.sys.Identity;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/** A program from its first instruction, at which it stands still, to its end. */
final class TracedRun {
    private static final String SIBLINGS =
            "kernel.yama.ptrace_scope keeps the helper from the memory of a running program";

    private final Launch launch;
    private final Place place;
    private final PlainRun plain;
    private final DryRun dryRun;
    private final MemoryRoom memory;
    private final LaunchMessages messages;
    private final NativeCalls nativeCalls;

    TracedRun(
            Launch launch,
            Place place,
            PlainRun plain,
            DryRun dryRun,
            MemoryRoom memory,
            LaunchMessages messages,
            NativeCalls nativeCalls) {
        this.launch = launch;
        this.place = place;
        this.plain = plain;
        this.dryRun = dryRun;
        this.memory = memory;
        this.messages = messages;
        this.nativeCalls = nativeCalls;
    }

    /**
     * Brings its code to 2 MB pages, lets it run, waits for its end.
     *
     * @param yama what else than the usual rights decides who may touch its memory
     * @param verdict which pages may be used
     * @return the exit status for this process
     */
    int run(
            PtraceTarget target,
            HelperProcess helper,
            Yama yama,
            SeccompTrial.Verdict verdict,
            ByteComparison comparison) {
        Settings settings = verdict.settings(launch.options().settings());
        long stopped = System.nanoTime();
        Optional<AccessGrant> leave = yama.separatesSiblings()
                ? Optional.of(new AccessGrant(target, launch.arch(), helper.pid()))
                : Optional.empty();
        Optimiser optimiser = new Optimiser(
                target,
                new RemoteSyscalls(target, launch.arch()),
                leave,
                helper.conversation(),
                helper.conversation(),
                comparison,
                memory,
                launch.clock());
        RunReport report;
        boolean isLetGo = false;
        try {
            // From here on it could do without us: should the tracer die before it changes anything, it simply runs.
            target.setSignalMask(launch.inheritance().signalMask());
            target.dieWithTracer(false);
            Meeting meeting = meet(target, settings);
            if (meeting.isLost()) {
                isLetGo = true;
                launch.observer()
                        .leftAlone(
                                messages.programName(),
                                meeting.obstacle().orElseThrow().reason());
                return place.follow(target, Optional.empty());
            }
            if (settings.targets().includeLibraries()) {
                stopped = System.nanoTime();
            }
            if (launch.options().dryRun() && meeting.obstacle().isPresent()) {
                target.kill();
                return dryRun.show(meeting.obstacle().get());
            }
            if (launch.options().dryRun()) {
                helper.conversation().requestPlan(target.pid(), settings);
                PlanAnswer answer = helper.conversation().awaitPlan();
                target.kill();
                return dryRun.show(answer);
            }
            if (meeting.hasCompany() && !launch.options().strict()) {
                place.release(target);
                isLetGo = true;
                return goOnWithThreads(target, helper, settings, yama);
            }
            Optional<PlanAnswer.Declined> shortfall = optimise(target, optimiser, settings, meeting);
            if (isFailure(shortfall)) {
                Optional<WaitStatus> killed = target.end();
                if (killed.isPresent()) {
                    return place.endLike(killed.get());
                }
            }
            if (launch.options().strict() && isFailure(shortfall)) {
                return plain.refuse(target, reason(shortfall));
            }
            if (helper.conversation().hasFailed()) {
                // It may be slow and not dead: it must not write to memory that it was once given.
                helper.close();
            }
            long stopNanos = System.nanoTime() - stopped;
            // Before the program can write anything, and end.
            report = report(target.pid(), optimiser.attempts(), shortfall, verdict.reason(), stopNanos);
            tell(report, shortfall);
            place.release(target);
        } catch (TargetGoneException e) {
            return endLike(e);
        } catch (HelperFailedException e) {
            return giveUp(target, String.valueOf(e.getMessage()));
        } catch (RollbackFailedException e) {
            return giveUp(target, "half-changed before its first instruction, and ended (" + e.getMessage() + ")");
        } catch (RuntimeException | Error e) {
            if (isLetGo) {
                throw e;
            }
            // A defect of ours or of the kernel's, at an unknown point: what state the target is in is anyone's guess.
            return giveUp(target, "an unexpected failure at its first instruction (" + e + ")");
        }
        // From here on the program runs: nothing that goes wrong may touch it any more.
        try {
            launch.observer().runs(report, helper);
        } catch (RuntimeException | Error e) {
            messages.warn("the report could not be made: " + e);
        }
        return place.follow(target, watch(target, helper, settings, yama, report.attempts()));
    }

    private Meeting meet(PtraceTarget target, Settings settings) throws TargetGoneException {
        if (!settings.targets().includeLibraries() || !launch.arch().matches(target.registers())) {
            return Meeting.atFirstInstruction();
        }
        place.admitSignals(target);
        Meeting meeting = Meeting.atEntryPoint(target, launch);
        launch.clock().end("way to the entry point");
        return meeting;
    }

    private Optional<PlanAnswer.Declined> optimise(
            PtraceTarget target, Optimiser optimiser, Settings settings, Meeting meeting)
            throws TargetGoneException, RollbackFailedException {
        if (meeting.obstacle().isPresent()) {
            return meeting.obstacle();
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

    /** One that has threads already is a running process, with all that may happen in it meanwhile. */
    private int goOnWithThreads(PtraceTarget target, HelperProcess helper, Settings settings, Yama yama) {
        List<Attempt> attempts = List.of();
        try {
            if (yama.separatesSiblings()) {
                messages.runsWithout("its threads run already, and " + SIBLINGS, "2 MB pages");
            } else {
                Optional<RunReport> report = running(target, helper).swap(settings.whileRunning());
                attempts = report.isPresent() ? report.get().attempts() : attempts;
            }
        } catch (RuntimeException | Error e) {
            messages.warn("an unexpected failure (" + e + "); it runs on");
        }
        return place.follow(target, watch(target, helper, settings, yama, attempts));
    }

    private RunningProgram running(PtraceTarget target, HelperProcess helper) {
        return new RunningProgram(launch, nativeCalls, helper, memory, messages, target.pid());
    }

    private Optional<LibraryWatch> watch(
            PtraceTarget target, HelperProcess helper, Settings settings, Yama yama, List<Attempt> attempts) {
        Optional<Duration> length = launch.options().dlopen();
        if (length.isEmpty() || helper.conversation().hasFailed()) {
            return Optional.empty();
        }
        if (yama.separatesSiblings()) {
            messages.warn("--dlopen is not possible: " + SIBLINGS);
            return Optional.empty();
        }
        return Optional.of(new LibraryWatch(
                running(target, helper),
                settings.whileRunning().withTargets(Targets.LIBRARIES),
                length.get(),
                LibraryWatch.pagesIn(attempts)));
    }

    /** Ends a target that must not run, unless somebody else has killed it, for which nobody but them is to blame. */
    private int giveUp(PtraceTarget target, String reason) {
        Optional<WaitStatus> killed = target.end();
        return killed.isPresent() ? place.endLike(killed.get()) : plain.refuse(target, reason);
    }

    /** The same end for this process as for a program that is gone already. */
    int endLike(TargetGoneException gone) {
        return place.endLike(gone.status());
    }

    private RunReport report(
            int pid,
            List<Attempt> attempts,
            Optional<PlanAnswer.Declined> shortfall,
            String restriction,
            long stopNanos) {
        boolean toldByRegions = false;
        for (Attempt attempt : attempts) {
            toldByRegions |= !attempt.swappedEverything();
        }
        List<String> notes = new ArrayList<>();
        if (shortfall.isPresent() && !toldByRegions) {
            notes.add(reason(shortfall));
        }
        if (!restriction.isEmpty()) {
            notes.add(restriction);
        }
        return new RunReport(
                Purpose.LAUNCH,
                pid,
                messages.programName(),
                outcome(attempts, shortfall),
                attempts,
                notes,
                noticed(),
                launch.clock().phases(),
                List.of(stopNanos));
    }

    private List<String> noticed() {
        Optional<Identity> identity = launch.inheritance().identity();
        return identity.isPresent() ? List.of("it runs as " + identity.get()) : List.of();
    }

    private void tell(RunReport report, Optional<PlanAnswer.Declined> shortfall) {
        try {
            if (isFailure(shortfall) && !launch.options().verbose()) {
                messages.runsWithout(reason(shortfall), swappedSomething(report.attempts()) ? "that" : "2 MB pages");
            }
            launch.observer().done(report);
        } catch (RuntimeException | Error e) {
            messages.warn("the report could not be made: " + e);
        }
    }

    private static boolean isFailure(Optional<PlanAnswer.Declined> shortfall) {
        return shortfall.isPresent() && !shortfall.get().nothingToDo();
    }

    private static String reason(Optional<PlanAnswer.Declined> shortfall) {
        return shortfall.isPresent() ? shortfall.get().reason() : "";
    }

    private static String outcome(List<Attempt> attempts, Optional<PlanAnswer.Declined> shortfall) {
        if (shortfall.isEmpty()) {
            return "swapped";
        }
        if (swappedSomething(attempts)) {
            return "partly-swapped";
        }
        return shortfall.get().nothingToDo() ? "nothing-to-do" : "not-swapped";
    }

    private static boolean swappedSomething(List<Attempt> attempts) {
        for (Attempt attempt : attempts) {
            if (attempt.swappedSomething()) {
                return true;
            }
        }
        return false;
    }
}
