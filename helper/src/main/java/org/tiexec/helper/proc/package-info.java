/** What the kernel says under /proc and /sys about a process, or about the machine. */
@NullMarked
package org.tiexec.helper.proc;

import org.jspecify.annotations.NullMarked;
