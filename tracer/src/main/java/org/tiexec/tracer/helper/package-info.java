/** The helper process as the tracer sees it. */
@NullMarked
package org.tiexec.tracer.helper;

import org.jspecify.annotations.NullMarked;
