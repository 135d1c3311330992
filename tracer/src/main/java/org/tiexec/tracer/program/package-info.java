/** Which program will run, judged from its file before anything is started. */
@NullMarked
package org.tiexec.tracer.program;

import org.jspecify.annotations.NullMarked;
