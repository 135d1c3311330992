/** The command line: options, help, the text that people read. */
@NullMarked
package org.tiexec.tracer.cli;

import org.jspecify.annotations.NullMarked;
