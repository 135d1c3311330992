package org.tiexec.tracer.sys;

/**
 * A system call that a tracee is about to make.
 *
 * @param abi for whose calls the number stands ({@code AUDIT_ARCH_*}, {@code linux/audit.h})
 * @param number the call
 * @param first its first argument
 * @param second its second argument
 * @param third its third argument
 */
public record SyscallEntry(int abi, long number, long first, long second, long third) {}
