package org.tiexec.tracer.sys;

import java.util.List;

/**
 * What a program finds at its start under which a JVM could not live.
 *
 * @param blocked the signals that are blocked; bit N−1 stands for signal N
 * @param ignored those that are ignored; all others have their default action
 * @param limits limits that are narrower than those of this process
 * @param actionCall the number of {@code rt_sigaction(2)}: the C library's function refuses two signals
 * @param maskCall the number of {@code rt_sigprocmask(2)}, for the same reason
 */
public record BareStart(long blocked, long ignored, List<ResourceLimit> limits, long actionCall, long maskCall) {
    /** Takes a copy of the limits. */
    public BareStart {
        limits = List.copyOf(limits);
    }

    boolean ignores(int signal) {
        return (ignored & 1L << (signal - 1)) != 0;
    }
}
