/** The C library's ptrace, wait, spawn and signal functions; the only package that binds native code. */
@NullMarked
package org.tiexec.tracer.sys;

import org.jspecify.annotations.NullMarked;
