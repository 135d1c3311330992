/** The signals that are sent to this process: which of them are the program's, and how they get there. */
@NullMarked
package org.tiexec.tracer.signal;

import org.jspecify.annotations.NullMarked;
