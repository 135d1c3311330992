package org.tiexec.tracer.launch;

import java.util.Optional;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Settings;
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
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/** A program from its first instruction, at which it stands still, to its end. */
final class TracedRun {
    private final Launch launch;
    private final Place place;
    private final PlainRun plain;
    private final DryRun dryRun;
    private final MemoryRoom memory;
    private final LaunchMessages messages;

    TracedRun(Launch launch, Place place, PlainRun plain, DryRun dryRun, MemoryRoom memory, LaunchMessages messages) {
        this.launch = launch;
        this.place = place;
        this.plain = plain;
        this.dryRun = dryRun;
        this.memory = memory;
        this.messages = messages;
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
        try {
            if (launch.options().dryRun()) {
                helper.conversation().requestPlan(target.pid(), settings);
                PlanAnswer answer = helper.conversation().awaitPlan();
                target.kill();
                return dryRun.show(answer);
            }
            Optional<PlanAnswer.Declined> shortfall = launch.arch().matches(target.registers())
                    ? optimiser.optimise(settings)
                    : Optional.of(new PlanAnswer.Declined(false, "not a 64-bit program of this architecture"));
            LaunchResult result = new LaunchResult(optimiser.attempts(), shortfall);
            if (result.isFailure()) {
                Optional<WaitStatus> killed = target.end();
                if (killed.isPresent()) {
                    return place.endLike(killed.get());
                }
            }
            if (launch.options().strict() && result.isFailure()) {
                return plain.refuse(target, result.reason());
            }
            if (helper.conversation().hasFailed()) {
                // It may be slow and not dead: it must not write to memory that it was once given.
                helper.close();
            }
            long stopNanos = System.nanoTime() - stopped;
            // Before the program can write anything, and end.
            report = result.report(
                    target.pid(),
                    messages.programName(),
                    verdict.reason(),
                    launch.clock().phases(),
                    stopNanos);
            messages.tell(launch, report, result);
            place.release(target);
        } catch (TargetGoneException e) {
            return endLike(e);
        } catch (HelperFailedException e) {
            return giveUp(target, String.valueOf(e.getMessage()));
        } catch (RollbackFailedException e) {
            return giveUp(target, "half-changed before its first instruction, and ended (" + e.getMessage() + ")");
        } catch (RuntimeException | Error e) {
            // A defect of ours or of the kernel's, at an unknown point: what state the target is in is anyone's guess.
            return giveUp(target, "an unexpected failure at its first instruction (" + e + ")");
        }
        // From here on the program runs: nothing that goes wrong may touch it any more.
        try {
            launch.observer().runs(report, helper);
        } catch (RuntimeException | Error e) {
            messages.warn("the report could not be made: " + e);
        }
        return place.follow(target);
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
}
