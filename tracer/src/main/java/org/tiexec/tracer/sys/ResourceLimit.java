package org.tiexec.tracer.sys;

/**
 * A resource limit of {@code getrlimit(2)}.
 *
 * @param resource which one, as numbered in {@code asm-generic/resource.h}
 * @param soft the limit in force, in the kernel's unit for the resource
 * @param hard how far it may be raised
 */
public record ResourceLimit(int resource, long soft, long hard) {
    /** No limit ({@code RLIM_INFINITY}). */
    public static final long UNLIMITED = -1;
}
