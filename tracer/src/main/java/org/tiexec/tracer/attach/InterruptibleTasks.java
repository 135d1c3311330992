package org.tiexec.tracer.attach;

import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.HelperTasks;

/**
 * The helper's tasks as long as nobody has asked us to end: then the region at hand is taken back, and no other is begun.
 *
 * <p>A helper that fails may be slow and not dead. It is ended before the memory is taken from it in which it may still be
 * writing: the process, which runs, may soon have something else there.
 */
final class InterruptibleTasks implements HelperTasks {
    private final HelperProcess helper;
    private final Interruption interruption;

    InterruptibleTasks(HelperProcess helper, Interruption interruption) {
        this.helper = helper;
        this.interruption = interruption;
    }

    @Override
    public StepResult perform(StepId step, Address to) throws HelperFailedException {
        Optional<String> reason = interruption.reason();
        if (reason.isPresent()) {
            return new StepResult.Refused(reason.get());
        }
        try {
            return helper.conversation().perform(step, to);
        } catch (HelperFailedException e) {
            helper.close();
            throw e;
        }
    }
}
