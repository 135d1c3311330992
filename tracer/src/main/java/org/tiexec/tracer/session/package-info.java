/** One launch from the command line to the program's end: who does what in which order. */
@NullMarked
package org.tiexec.tracer.session;

import org.jspecify.annotations.NullMarked;
