package org.tiexec.tracer.arch;

/** A system call that the tracer makes, most of them in the target, and that no plan may name. */
public enum InjectedCall {
    /** Replaces the stub by the program. */
    EXECVE,
    /** Sets what a signal does, so that the program begins as its starter wanted. */
    RT_SIGACTION,
    /** Sets which signals are blocked. */
    RT_SIGPROCMASK,
    /** Starts a timer that the program's starter had running. */
    SETITIMER,
    /** Closes descriptors that are none of the program's. */
    CLOSE_RANGE,
    /** Gives an open file another descriptor. */
    DUP3,
    /** Sets an attribute of the process. */
    PRCTL,
    /** Sends a signal with all that belongs to it; a process may send itself any. */
    RT_SIGQUEUEINFO,
    /** The same for one thread. */
    RT_TGSIGQUEUEINFO,
    /** What the fail-safe loop calls when nobody substitutes another call. */
    EXIT_GROUP,
    /** Holds the target; made by the tracer alone. */
    PTRACE,
    /** Reads the target's memory; made by tracer and helper. */
    PROCESS_VM_READV,
    /** Writes the target's memory; made by the helper alone. */
    PROCESS_VM_WRITEV,
    /** Gives this process's thread descriptors of its own before it becomes the program. */
    UNSHARE,
    /** Asks for the scheduling that the program is to have. */
    SCHED_GETSCHEDULER,
    /** Fetches signals that wait. */
    RT_SIGTIMEDWAIT,
    /** Waits until a signal has reached a whole process group. */
    SETPGID,
    /** Sets the supplementary groups, where the program is to run as another user. */
    SETGROUPS,
    /** The same for the group ids. */
    SETRESGID,
    /** The same for the user ids. */
    SETRESUID,
    /** Looks for file capabilities. */
    GETXATTR,
    /** Gets hold of a process, whose id may be given to another one once it has ended; made by the tracer alone. */
    PIDFD_OPEN
}
