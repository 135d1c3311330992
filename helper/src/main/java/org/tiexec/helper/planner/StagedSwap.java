package org.tiexec.helper.planner;

import org.tiexec.protocol.plan.MethodName;

/** Builds the new pages elsewhere, then moves them over the original by one call. */
final class StagedSwap implements SwapMethod {
    @Override
    public MethodName name() {
        return MethodName.STAGED_SWAP;
    }

    @Override
    public void addTo(RegionSteps steps) {
        steps.claimGaps();
        steps.mapStage();
        steps.adviseHuge();
        steps.fill();
        steps.collapse();
        steps.protect();
        steps.park();
        steps.moveStageOrMakeRoom();
        steps.dropPark();
    }
}
