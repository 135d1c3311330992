package org.tiexec.tracer.sys;

/**
 * The numbers of the system calls by which a thread becomes somebody else. The C library's functions would change all
 * threads of a process.
 *
 * @param setGroups of {@code setgroups(2)}
 * @param setGroup of {@code setresgid(2)}
 * @param setUser of {@code setresuid(2)}
 */
public record IdentityCalls(long setGroups, long setGroup, long setUser) {}
