package org.tiexec.helper.cli;

import java.io.IOException;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.wire.MessageWriter;

/** A whole plan as the answer. */
final class PlanReply implements Reply {
    private final Plan plan;

    PlanReply(Plan plan) {
        this.plan = plan;
    }

    @Override
    public void sendTo(MessageWriter writer) throws IOException {
        writer.send(plan);
    }
}
