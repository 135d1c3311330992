package org.tiexec.helper.strategy;

import org.tiexec.protocol.plan.StrategyName;

/** The strategies by name; a new one is one class and one line here. */
public final class Strategies {
    private Strategies() {}

    /** The strategy of that name. */
    public static RegionStrategy named(StrategyName name) {
        return switch (name) {
            case CONSERVATIVE -> new Conservative();
            case AGGRESSIVE -> new Aggressive();
        };
    }
}
