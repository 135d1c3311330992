package org.tiexec.protocol.plan;

/** A plan breaks a rule, so that nothing of it may be done. */
public final class PlanRejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * States which rule was broken where.
     *
     * @param where the step or region, such as {@code step s4}
     * @param reason the rule in words
     */
    public PlanRejectedException(String where, String reason) {
        super("plan rejected at " + where + ": " + reason);
    }
}
