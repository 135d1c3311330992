package org.tiexec.tracer.launch;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.tracer.follow.Audience;
import org.tiexec.tracer.remote.RemoteExit;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * One of the programs in a tree, from its first instruction, at which it stands still, to where it goes on without us.
 *
 * <p>Whoever has started it waits for it, and nobody else: its end is no business of ours.
 */
final class Descendant {
    private final Launch launch;
    private final LaunchMessages messages;

    Descendant(Launch launch, LaunchMessages messages) {
        this.launch = launch;
        this.messages = messages;
    }

    /**
     * Brings its code to 2 MB pages and lets it go, if there is anything to do.
     *
     * @throws TargetGoneException if it has ended; its parent knows
     */
    Audience.Taken bring(HeldProgram program, LaterWork later) throws TargetGoneException {
        PtraceTarget target = program.target();
        RunReport report;
        try {
            Meeting meeting = program.meet();
            if (meeting.isLost()) {
                return Audience.Taken.OVER;
            }
            if (meeting.isElsewhere()) {
                return Audience.Taken.EXECUTED;
            }
            if (meeting.hasCompany() && !launch.options().strict()) {
                target.detach();
                later.catchUp(target.pid(), messages);
                return Audience.Taken.OVER;
            }
            LaunchResult result = program.optimise();
            if (result.foundNothing()) {
                return Audience.Taken.UNCHANGED;
            }
            if (launch.options().strict() && result.isFailure()) {
                RemoteExit.exit(target, launch.arch(), messages.notRun(result.reason()));
            }
            program.endFailedHelper();
            report = program.report(messages.programName());
            messages.tell(launch, report, result);
            target.detach();
        } catch (RollbackFailedException e) {
            throw end(target, "half-changed before its first instruction, and ended (" + e.getMessage() + ")");
        } catch (IOException | RuntimeException | Error e) {
            // A defect of ours or of the kernel's, at an unknown point: what state the target is in is anyone's guess.
            throw end(target, "an unexpected failure at its first instruction (" + e + ")");
        }
        try {
            launch.observer().runs(report, program.helper());
        } catch (RuntimeException | Error e) {
            messages.warn("the report could not be made: " + e);
        }
        return Audience.Taken.OVER;
    }

    /** How it has ended, by others or by us. */
    private TargetGoneException end(PtraceTarget target, String reason) {
        Optional<WaitStatus> already = target.end();
        if (already.isPresent()) {
            return new TargetGoneException(already.get());
        }
        messages.notRun(reason);
        target.kill();
        return new TargetGoneException(new WaitStatus.Exited(LaunchSession.EXIT_OWN_FAILURE));
    }
}
