/** Which part of a mapping goes to huge pages. */
@NullMarked
package org.tiexec.helper.strategy;

import org.jspecify.annotations.NullMarked;
