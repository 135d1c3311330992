package org.tiexec.tracer.arch;

/** A system call that the tracer itself makes in the target and that no plan may name. */
public enum InjectedCall {
    /** Replaces the stub by the program. */
    EXECVE,
    /** Sets what a signal does, so that the program begins as its starter wanted. */
    RT_SIGACTION,
    /** What the fail-safe loop calls when nobody substitutes another call. */
    EXIT_GROUP
}
