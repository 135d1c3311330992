/** The audit document of a run on disk. */
@NullMarked
package org.tiexec.tracer.archive;

import org.jspecify.annotations.NullMarked;
