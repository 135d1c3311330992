/** Everything that differs between processor architectures: registers, call numbers, instructions. */
@NullMarked
package org.tiexec.tracer.arch;

import org.jspecify.annotations.NullMarked;
