package org.tiexec.tracer.launch;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.remote.AccessGrant;
import org.tiexec.tracer.remote.RemoteExit;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.swap.Optimiser;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.ByteComparison;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * One of the programs in a tree, from its first instruction, at which it stands still, to where it goes on without us.
 *
 * <p>Whoever has started it waits for it, and nobody else: its end is no business of ours.
 */
final class Descendant {
    private final Launch launch;
    private final MemoryRoom memory;
    private final LaunchMessages messages;

    Descendant(Launch launch, MemoryRoom memory, LaunchMessages messages) {
        this.launch = launch;
        this.memory = memory;
        this.messages = messages;
    }

    /**
     * Brings its code to 2 MB pages and lets it go.
     *
     * @param yama what else than the usual rights decides who may touch its memory
     * @param verdict which pages may be used
     */
    void bring(
            PtraceTarget target,
            HelperProcess helper,
            Yama yama,
            SeccompTrial.Verdict verdict,
            ByteComparison comparison) {
        long stopped = System.nanoTime();
        PhaseClock clock = new PhaseClock(stopped);
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
                clock);
        RunReport report;
        try {
            Optional<PlanAnswer.Declined> shortfall = launch.arch().matches(target.registers())
                    ? optimiser.optimise(verdict.settings(launch.options().settings()))
                    : Optional.of(new PlanAnswer.Declined(false, "not a 64-bit program of this architecture"));
            LaunchResult result = new LaunchResult(optimiser.attempts(), shortfall);
            if (launch.options().strict() && result.isFailure()) {
                RemoteExit.exit(target, launch.arch(), messages.notRun(result.reason()));
            }
            if (helper.conversation().hasFailed()) {
                // It may be slow and not dead: it must not write to memory that it was once given.
                helper.close();
            }
            report = result.report(
                    target.pid(),
                    messages.programName(),
                    verdict.reason(),
                    clock.phases(),
                    System.nanoTime() - stopped);
            messages.tell(launch, report, result);
            target.detach();
        } catch (TargetGoneException e) {
            // Somebody has killed it, or it has exited for us: its parent knows.
            return;
        } catch (RollbackFailedException e) {
            end(target, "half-changed before its first instruction, and ended (" + e.getMessage() + ")");
            return;
        } catch (IOException | RuntimeException | Error e) {
            // A defect of ours or of the kernel's, at an unknown point: what state the target is in is anyone's guess.
            end(target, "an unexpected failure at its first instruction (" + e + ")");
            return;
        }
        try {
            launch.observer().runs(report, helper);
        } catch (RuntimeException | Error e) {
            messages.warn("the report could not be made: " + e);
        }
    }

    private void end(PtraceTarget target, String reason) {
        if (target.end().isEmpty()) {
            messages.notRun(reason);
            target.kill();
        }
    }
}
