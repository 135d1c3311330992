package org.tiexec.tracer.attach;

import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperTasks;

/** The helper's tasks as long as nobody has asked us to end: then the region at hand is taken back, and no other is begun. */
final class InterruptibleTasks implements HelperTasks {
    private final HelperTasks tasks;
    private final Interruption interruption;

    InterruptibleTasks(HelperTasks tasks, Interruption interruption) {
        this.tasks = tasks;
        this.interruption = interruption;
    }

    @Override
    public StepResult perform(StepId step, Address to) throws HelperFailedException {
        Optional<String> reason = interruption.reason();
        return reason.isPresent() ? new StepResult.Refused(reason.get()) : tasks.perform(step, to);
    }
}
