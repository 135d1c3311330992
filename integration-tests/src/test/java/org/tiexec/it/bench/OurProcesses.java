package org.tiexec.it.bench;

import java.io.IOException;
import java.util.List;
import org.tiexec.it.support.LiveProcess;

/** The processes that come of a launch, whoever their parents are, known by a variable of their environment. */
final class OurProcesses {
    static final String MARK = "TIEXEC_BENCH";

    private OurProcesses() {}

    static String mark() {
        return Long.toString(ProcessHandle.current().pid());
    }

    static List<LiveProcess> now() {
        String marked = MARK + "=" + mark() + "\0";
        return LiveProcess.all().stream()
                .filter(process -> process.environment().contains(marked) && process.isAlive())
                .toList();
    }

    /** Waits until the next measurement has the machine for itself. */
    static void awaitNone() throws IOException {
        Await.that("the end of all processes of a launch", () -> now().isEmpty());
    }
}
