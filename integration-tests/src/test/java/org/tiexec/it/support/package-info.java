/** What the tests share: programs to run, the pool of huge pages, the view of processes from outside. */
@NullMarked
package org.tiexec.it.support;

import org.jspecify.annotations.NullMarked;
