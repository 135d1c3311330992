/** The command line: {@code serve} for the tracer, {@code plan} for people. */
@NullMarked
package org.tiexec.helper.cli;

import org.jspecify.annotations.NullMarked;
