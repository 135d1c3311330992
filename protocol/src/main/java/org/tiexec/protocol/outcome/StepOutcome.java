package org.tiexec.protocol.outcome;

import org.tiexec.protocol.plan.StepId;

/**
 * The result of one step with the time it took.
 *
 * @param step which step
 * @param result what it came to
 * @param nanos elapsed time in nanoseconds as the tracer saw it
 */
public record StepOutcome(StepId step, StepResult result, long nanos) {}
