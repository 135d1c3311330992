package org.tiexec.tracer.helper;

import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.StepId;

/** Something that does the helper steps of the current plan. */
public interface HelperTasks {
    /**
     * Does one step and waits for its end.
     *
     * @param step a helper step of the current plan
     * @param to where the bytes are to be, or are
     * @throws HelperFailedException if no proper answer comes
     */
    StepResult perform(StepId step, Address to) throws HelperFailedException;
}
