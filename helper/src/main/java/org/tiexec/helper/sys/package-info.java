/** The native calls that the helper makes, the only place that knows jffi. */
@NullMarked
package org.tiexec.helper.sys;

import org.jspecify.annotations.NullMarked;
