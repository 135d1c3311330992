/** The JSON Lines spoken between tracer and helper. */
@NullMarked
package org.tiexec.protocol.wire;

import org.jspecify.annotations.NullMarked;
