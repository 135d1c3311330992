package org.tiexec.tracer.helper;

import java.io.IOException;
import java.time.Duration;

/** No answer has come in time. */
final class SilentHelperException extends IOException {
    private static final long serialVersionUID = 1L;

    SilentHelperException(Duration patience) {
        super("no answer within " + patience.toMillis() / 1000.0 + " s (wait longer: --timeout=SECONDS)");
    }
}
