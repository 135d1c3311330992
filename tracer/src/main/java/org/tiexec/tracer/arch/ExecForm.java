package org.tiexec.tracer.arch;

/** How a system call names the program that it executes. */
public enum ExecForm {
    /** By a path, its first argument: {@code execve(2)}. */
    PATH,
    /** By a descriptor, its first argument, and a path from there, its second: {@code execveat(2)}. */
    DESCRIPTOR,
    /** It executes none. */
    NONE
}
