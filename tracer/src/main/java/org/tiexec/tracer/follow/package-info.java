/** Processes that are traced while they run, because one of them may yet become the program that is meant. */
@NullMarked
package org.tiexec.tracer.follow;

import org.jspecify.annotations.NullMarked;
