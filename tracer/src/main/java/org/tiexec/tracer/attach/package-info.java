/** The way of a running process to 2 MB pages, or back, from its admission to the report. */
@NullMarked
package org.tiexec.tracer.attach;

import org.jspecify.annotations.NullMarked;
