package org.tiexec.tracer.launch;

import java.io.IOException;
import java.io.PrintStream;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.tracer.helper.PlanAnswer;

/** The plan, shown instead of being executed. */
final class DryRun {
    private final LaunchOptions options;
    private final PlainRun plain;
    private final PrintStream out;

    DryRun(LaunchOptions options, PlainRun plain, PrintStream out) {
        this.options = options;
        this.plain = plain;
        this.out = out;
    }

    int show(PlanAnswer answer) {
        MessageWriter lines = new MessageWriter(out);
        try {
            if (answer instanceof PlanAnswer.Declined declined) {
                lines.send(new Message.Declined(declined.nothingToDo(), declined.reason()));
                return options.strict() && !declined.nothingToDo() ? plain.refuse(declined.reason()) : 0;
            }
            lines.send(((PlanAnswer.Planned) answer).plan());
            return 0;
        } catch (IOException e) {
            return plain.refuse("the plan cannot be written: " + e.getMessage());
        }
    }

    int decline(boolean nothingToDo, String reason) {
        return show(new PlanAnswer.Declined(nothingToDo, reason));
    }
}
