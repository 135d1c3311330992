/** What of the machine, or of a process, may stand in the way: found out beforehand, told with its remedy. */
@NullMarked
package org.tiexec.tracer.obstacle;

import org.jspecify.annotations.NullMarked;
