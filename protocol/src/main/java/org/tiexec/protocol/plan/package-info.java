/** The plan as data: regions, ordered steps, the rules that a plan must keep. */
@NullMarked
package org.tiexec.protocol.plan;

import org.jspecify.annotations.NullMarked;
