package org.tiexec.protocol.outcome;

/**
 * A named stretch of a run's time.
 *
 * @param name what was going on
 * @param nanos its length in nanoseconds
 */
public record Phase(String name, long nanos) {}
