/** What the tests of several packages need: recorded processes, machines, ELF files, a fake /proc. */
@NullMarked
package org.tiexec.helper.testing;

import org.jspecify.annotations.NullMarked;
