/** Measurements for people; no test runs them. */
@NullMarked
package org.tiexec.it.bench;

import org.jspecify.annotations.NullMarked;
