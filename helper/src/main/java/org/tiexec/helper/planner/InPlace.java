package org.tiexec.helper.planner;

import org.tiexec.protocol.plan.MethodName;

/** Maps the new pages over the original at once, then refills them from a snapshot. */
final class InPlace implements SwapMethod {
    @Override
    public MethodName name() {
        return MethodName.IN_PLACE;
    }

    @Override
    public void addTo(RegionSteps steps) {
        steps.claimGaps();
        steps.snapshot();
        steps.park();
        steps.mapOver();
        steps.adviseHuge();
        steps.fill();
        steps.collapse();
        steps.verify();
        steps.protect();
        steps.dropPark();
    }
}
