package org.tiexec.tracer.launch;

import java.util.Optional;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/** A program from its first instruction, at which it stands still, to its end. */
final class TracedRun {
    private final Launch launch;
    private final Place place;
    private final PlainRun plain;
    private final DryRun dryRun;
    private final LaunchMessages messages;

    TracedRun(Launch launch, Place place, PlainRun plain, DryRun dryRun, LaunchMessages messages) {
        this.launch = launch;
        this.place = place;
        this.plain = plain;
        this.dryRun = dryRun;
        this.messages = messages;
    }

    /**
     * Brings its code to 2 MB pages, lets it run, waits for its end.
     *
     * @return the exit status for this process
     */
    int run(HeldProgram program, LaterWork later) {
        return run(program, later, false).orElseThrow();
    }

    /**
     * The same with one that may have nothing to do itself, and yet become a program that has.
     *
     * @return empty if it stands still where it was met, and nothing was done
     */
    Optional<Integer> runIfWorthIt(HeldProgram program, LaterWork later) {
        return run(program, later, true);
    }

    private Optional<Integer> run(HeldProgram program, LaterWork later, boolean mayBecomeAnother) {
        PtraceTarget target = program.target();
        LaunchResult result;
        RunReport report;
        boolean isLetGo = false;
        try {
            if (program.isMetLater()) {
                place.admitSignals(target);
            }
            Meeting meeting = program.meet();
            if (meeting.isLost()) {
                isLetGo = true;
                launch.observer()
                        .leftAlone(
                                messages.programName(),
                                meeting.obstacle().orElseThrow().reason());
                return Optional.of(place.follow(target, Optional.empty()));
            }
            if (meeting.isElsewhere() && mayBecomeAnother) {
                return Optional.empty();
            }
            if (launch.options().dryRun()) {
                PlanAnswer answer = program.plan();
                target.kill();
                return Optional.of(dryRun.show(answer));
            }
            if (meeting.hasCompany() && !launch.options().strict()) {
                place.release(target);
                isLetGo = true;
                return Optional.of(place.follow(
                        target, later.watch(target.pid(), later.catchUp(target.pid(), messages), messages)));
            }
            result = program.optimise();
            if (result.foundNothing() && mayBecomeAnother) {
                return Optional.empty();
            }
            if (result.isFailure()) {
                Optional<WaitStatus> killed = target.end();
                if (killed.isPresent()) {
                    return Optional.of(place.endLike(killed.get()));
                }
            }
            if (launch.options().strict() && result.isFailure()) {
                return Optional.of(plain.refuse(target, result.reason()));
            }
            program.endFailedHelper();
            // Before the program can write anything, and end.
            report = program.report(messages.programName());
            messages.tell(launch, report, result);
            place.release(target);
        } catch (TargetGoneException e) {
            return Optional.of(place.endLike(e.status()));
        } catch (HelperFailedException e) {
            return Optional.of(giveUp(target, String.valueOf(e.getMessage())));
        } catch (RollbackFailedException e) {
            return Optional.of(
                    giveUp(target, "half-changed before its first instruction, and ended (" + e.getMessage() + ")"));
        } catch (RuntimeException | Error e) {
            if (isLetGo) {
                throw e;
            }
            // A defect of ours or of the kernel's, at an unknown point: what state the target is in is anyone's guess.
            return Optional.of(giveUp(target, "an unexpected failure at its first instruction (" + e + ")"));
        }
        // From here on the program runs: nothing that goes wrong may touch it any more.
        try {
            launch.observer().runs(report, program.helper());
        } catch (RuntimeException | Error e) {
            messages.warn("the report could not be made: " + e);
        }
        return Optional.of(place.follow(target, later.watch(target.pid(), result.attempts(), messages)));
    }

    /** Ends a target that must not run, unless somebody else has killed it, for which nobody but them is to blame. */
    private int giveUp(PtraceTarget target, String reason) {
        Optional<WaitStatus> killed = target.end();
        return killed.isPresent() ? place.endLike(killed.get()) : plain.refuse(target, reason);
    }
}
