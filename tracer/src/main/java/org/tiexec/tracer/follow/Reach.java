package org.tiexec.tracer.follow;

import org.tiexec.tracer.sys.Ptrace;

/** Which processes are followed. */
public enum Reach {
    /** The process that was launched, whatever it executes. */
    PROCESS(0),
    /** That process with all its threads, children and so on. */
    TREE(Ptrace.O_TRACEFORK | Ptrace.O_TRACEVFORK | Ptrace.O_TRACECLONE);

    private final int births;

    Reach(int births) {
        this.births = births;
    }

    /** The options of {@code ptrace(2)} for each of them; who is born traced has its parent's. */
    int options() {
        return Ptrace.O_TRACESYSGOOD | Ptrace.O_TRACEEXEC | Ptrace.O_TRACEEXIT | births;
    }
}
