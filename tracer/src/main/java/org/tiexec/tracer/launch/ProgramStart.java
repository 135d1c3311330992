package org.tiexec.tracer.launch;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.remote.IdentityRefusedException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/** The way of a process that was taken to the first instruction of the program, whatever happens on it. */
final class ProgramStart {
    private final ProgramExec exec;
    private final Place place;
    private final PlainRun plain;
    private final LaunchMessages messages;

    ProgramStart(ProgramExec exec, Place place, PlainRun plain, LaunchMessages messages) {
        this.exec = exec;
        this.place = place;
        this.plain = plain;
        this.messages = messages;
    }

    /** Gives back what was prepared, for a reason of ours. */
    int withdraw(Throwable failure) {
        Optional<WaitStatus> killed = place.withdraw();
        return killed.isPresent() ? place.endLike(killed.get()) : plain.fallBack(reason(failure));
    }

    /**
     * Makes a process the program.
     *
     * @return empty if it stands before the program's first instruction; otherwise the exit status for this process
     */
    Optional<Integer> begin(PtraceTarget target) {
        Optional<Errno> refused;
        try {
            refused = exec.in(target, place);
        } catch (TargetGoneException e) {
            return Optional.of(place.endLike(e.status()));
        } catch (IOException | RuntimeException | Error e) {
            Optional<WaitStatus> killed = target.end();
            if (killed.isPresent()) {
                return Optional.of(place.endLike(killed.get()));
            }
            String reason = reason(e);
            if (e instanceof IdentityRefusedException) {
                return Optional.of(plain.refuse(target, reason));
            }
            return Optional.of(place.abandon(target) ? plain.fallBack(reason) : plain.refuse(target, reason));
        }
        return refused.isPresent()
                ? Optional.of(place.end(target, messages.notExecuted(refused.get())))
                : Optional.empty();
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
