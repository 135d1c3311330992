/** A traced process: its stops, registers, memory. */
@NullMarked
package org.tiexec.tracer.target;

import org.jspecify.annotations.NullMarked;
