package org.tiexec.tracer.remote;

/**
 * Why a running process is left as it is.
 *
 * @param kind for programs
 * @param reason for people: what, where, why, what to do
 */
public record Refusal(Kind kind, String reason) {
    /** What stands in the way. */
    public enum Kind {
        /** There is no such process, or its id is that of a thread. */
        NO_PROCESS,
        /** It is this process or one that works for it. */
        ITSELF,
        /** It is a thread of the kernel. */
        KERNEL_THREAD,
        /** It, or its main thread, has ended. */
        ZOMBIE,
        /** It is a 32-bit program, or one for another processor. */
        FOREIGN_ARCHITECTURE,
        /** Another process traces it. */
        TRACED,
        /** The kernel does not let us trace it. */
        NOT_PERMITTED,
        /** A signal has stopped it. */
        STOPPED,
        /** Its control group is frozen. */
        FROZEN,
        /** Its stacks have shadows, which nobody can forge. */
        SHADOW_STACK,
        /** Its seccomp filter cannot be suspended. */
        SECCOMP,
        /** None of its threads can be borrowed now. */
        NO_SUITABLE_THREAD,
        /** The kernel gives it no memory, or does not let it execute new memory. */
        NO_SCRATCH
    }
}
