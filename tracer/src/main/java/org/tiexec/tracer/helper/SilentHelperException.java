package org.tiexec.tracer.helper;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;

/** No answer has come in time. */
final class SilentHelperException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int NANO_DIGITS = 9;

    SilentHelperException(Duration patience) {
        super("no answer within " + seconds(patience) + " s (wait longer: --timeout=SECONDS)");
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toNanos(), NANO_DIGITS)
                .stripTrailingZeros()
                .toPlainString();
    }
}
