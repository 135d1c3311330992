package org.tiexec.tracer.follow;

import org.tiexec.tracer.target.PtraceTarget;

/** Who decides what becomes of the programs that followed processes execute. */
public interface Audience {
    /** What is to become of a process that has executed another program. */
    enum Decision {
        /** It goes on as before: it may yet become another program, or start one. */
        FOLLOW,
        /** It is none of ours any more. */
        LET_GO,
        /** It is to be held before its first instruction. */
        HOLD
    }

    /** Decides about a process that stands before the first instruction of another program. */
    Decision executed(int pid);

    /**
     * Takes over a process that is to be held.
     *
     * @param target stands at the exit of its execve; from now on it is not followed any more
     */
    void take(PtraceTarget target);

    /** Is told that the process that was launched is about to end. */
    void rootEnds();
}
