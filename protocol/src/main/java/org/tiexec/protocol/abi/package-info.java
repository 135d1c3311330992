/** Names and values of the Linux system-call interface that plans may use; each cites its header. */
@NullMarked
package org.tiexec.protocol.abi;

import org.jspecify.annotations.NullMarked;
