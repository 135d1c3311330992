/** Copying the bytes of regions from outside the target, with proof that each copy is good. */
@NullMarked
package org.tiexec.helper.snapshot;

import org.jspecify.annotations.NullMarked;
