/** What kind of huge pages there are, whether they can be had now. */
@NullMarked
package org.tiexec.helper.backing;

import org.jspecify.annotations.NullMarked;
