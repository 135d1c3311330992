package org.tiexec.helper.planner;

import org.tiexec.protocol.plan.MethodName;

/** A way in which new pages take the place of the old: an order of steps. */
interface SwapMethod {
    /** The name in plans. */
    MethodName name();

    /** Adds the steps for one region. */
    void addTo(RegionSteps steps);
}
