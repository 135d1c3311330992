/** What became of a plan: the result of each step, page counts, the report of a run. */
@NullMarked
package org.tiexec.protocol.outcome;

import org.jspecify.annotations.NullMarked;
