/**
 * The plan as data: regions, ordered steps, the rules that a plan must keep.
 *
 * <p>Records here and in {@code memory} and {@code abi} that are compared during a launch define {@code equals} and
 * {@code hashCode} by hand: the generated ones are bootstrapped at run time, which takes a cold JVM 20 ms.
 */
@NullMarked
package org.tiexec.protocol.plan;

import org.jspecify.annotations.NullMarked;
