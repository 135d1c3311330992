/** Pure parsers for the text and binary files under /proc. */
@NullMarked
package org.tiexec.protocol.procfs;

import org.jspecify.annotations.NullMarked;
