/** System calls made by the target on our behalf, undone when their scope ends. */
@NullMarked
package org.tiexec.tracer.remote;

import org.jspecify.annotations.NullMarked;
