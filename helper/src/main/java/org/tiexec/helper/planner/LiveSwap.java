package org.tiexec.helper.planner;

import org.tiexec.protocol.plan.MethodName;

/** Swaps under the threads of a running process, where the original stays parked for an undo. */
final class LiveSwap implements SwapMethod {
    @Override
    public MethodName name() {
        return MethodName.STAGED_SWAP;
    }

    /** All that takes long comes before the original is parked: from then on threads have to map its pages anew. */
    @Override
    public void addTo(RegionSteps steps) {
        steps.mapStage();
        steps.withhold();
        steps.claimGaps();
        steps.adviseHuge();
        steps.fill();
        steps.collapse();
        steps.protect();
        steps.verify();
        steps.share();
        steps.park();
        if (steps.areWidened()) {
            // what consists of pieces could not come back by one call: nothing that may fail comes after the swap
            steps.closeParkedCode();
            steps.moveStage();
        } else {
            steps.moveStage();
            steps.closePark();
        }
    }
}
