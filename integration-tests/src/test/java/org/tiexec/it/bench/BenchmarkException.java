package org.tiexec.it.bench;

import java.io.Serial;

/** A measurement that would have measured something else than it says. */
final class BenchmarkException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    BenchmarkException(String message) {
        super(message);
    }
}
