/** Tests of the shell scripts. */
@NullMarked
package org.tiexec.helper.launcher;

import org.jspecify.annotations.NullMarked;
