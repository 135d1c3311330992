/** One launch: how a program comes to be held before its first instruction, is let go there, is followed to its end. */
@NullMarked
package org.tiexec.tracer.launch;

import org.jspecify.annotations.NullMarked;
