package org.tiexec.it.support;

import java.time.Duration;
import java.util.List;

/** How long to wait on a machine that may be slower than most, as one that is emulated. */
final class Patience {
    private static final int FACTOR = factor();

    private Patience() {}

    private static int factor() {
        String factor = System.getenv("TIEXEC_IT_PATIENCE");
        return factor == null ? 1 : Integer.parseInt(factor);
    }

    /** What takes so long at most elsewhere may take so long here. */
    static Duration of(Duration elsewhere) {
        return elsewhere.multipliedBy(FACTOR);
    }

    /** Options of {@code tracer run}, unless others follow, that give the helper more time, too. */
    static List<String> options() {
        return FACTOR == 1 ? List.of() : List.of("--timeout=" + 10 * FACTOR);
    }
}
