/** Addresses, ranges and protections: the vocabulary in which a process's memory is spoken of. */
@NullMarked
package org.tiexec.protocol.memory;

import org.jspecify.annotations.NullMarked;
