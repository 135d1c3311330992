package org.tiexec.tracer.arch;

/**
 * A word of a thread's {@code struct user} ({@code sys/user.h}), as {@code PTRACE_POKEUSER} writes it.
 *
 * @param offset where it is, in bytes
 * @param value what it is to be
 */
public record UserWord(long offset, long value) {}
