/** Measurements for people; the gate only sees to it that they can be made. */
@NullMarked
package org.tiexec.it.bench;

import org.jspecify.annotations.NullMarked;
