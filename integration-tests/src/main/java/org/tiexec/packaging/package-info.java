/** What the build makes for an installation: manual pages, shell completion, the stamp of a build. */
@NullMarked
package org.tiexec.packaging;

import org.jspecify.annotations.NullMarked;
