/** Pure reading of ELF headers, bounded against hostile files. */
@NullMarked
package org.tiexec.protocol.elf;

import org.jspecify.annotations.NullMarked;
