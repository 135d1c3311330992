package org.tiexec.tracer.follow;

import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

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

    /** What has become of a process that was held. */
    enum Taken {
        /** It is none of the follower's any more. */
        OVER,
        /** It stands still as it was, and goes on as before: it may yet become another program, or start one. */
        UNCHANGED,
        /** It stands before the first instruction of yet another program, which it was let run to. */
        EXECUTED
    }

    /** Decides about a process that stands before the first instruction of another program. */
    Decision executed(int pid);

    /**
     * Takes over a process that is to be held.
     *
     * @param target stands at the exit of its execve
     * @throws TargetGoneException if it has ended
     */
    Taken take(PtraceTarget target) throws TargetGoneException;

    /** Is told that the process that was launched is about to end. */
    void rootEnds();
}
