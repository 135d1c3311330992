/** The plan: pure decisions over what was read before. */
@NullMarked
package org.tiexec.helper.planner;

import org.jspecify.annotations.NullMarked;
