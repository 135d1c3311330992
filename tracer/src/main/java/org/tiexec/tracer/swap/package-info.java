/**
 * The change of a held process: its code to 2 MB pages by a plan, step by step, checked before it counts, taken back if it
 * fails.
 */
@NullMarked
package org.tiexec.tracer.swap;

import org.jspecify.annotations.NullMarked;
