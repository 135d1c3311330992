package org.tiexec.protocol.plan;

/**
 * What the user asks of a plan.
 *
 * @param strategy how regions are chosen
 * @param backing what pages are wanted
 * @param method how they are to be swapped in
 */
public record Settings(StrategyName strategy, BackingChoice backing, MethodChoice method) {
    /** What is done when nothing is asked for. */
    public static final Settings DEFAULT =
            new Settings(StrategyName.CONSERVATIVE, BackingChoice.AUTO, MethodChoice.AUTO);
}
