/** Which mappings of a process belong to the program itself. */
@NullMarked
package org.tiexec.helper.region;

import org.jspecify.annotations.NullMarked;
