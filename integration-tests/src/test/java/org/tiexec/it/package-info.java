/** Launches of real programs, each asserting what the program observes and what its smaps shows from outside. */
@NullMarked
package org.tiexec.it;

import org.jspecify.annotations.NullMarked;
