package org.tiexec.it.bench;

import java.util.Locale;

/** What a number counts, which decides how it is written. */
enum Unit {
    MILLIS("ms", 1),
    MB_PER_SECOND("MB/s", 0),
    PER_SECOND("1/s", 0),
    RATIO("x", 3),
    PAGES("pages", 0),
    PROCESSES("processes", 0),
    MB("MB", 1),
    EVENTS("events", 0);

    private static final double MANY = 100;

    private final String symbol;
    private final int digits;

    Unit(String symbol, int digits) {
        this.symbol = symbol;
        this.digits = digits;
    }

    String symbol() {
        return symbol;
    }

    String format(double value) {
        int shown = this == EVENTS && Math.abs(value) < MANY ? 2 : digits;
        return String.format(Locale.ROOT, "%." + shown + "f", value);
    }

    /** The interval of a median, or nothing where a single measurement was enough. */
    String formatInterval(Sample sample) {
        return sample.size() == 1 ? "" : format(sample.medianInterval());
    }

    String format(Interval interval) {
        return "[" + format(interval.low()) + ", " + format(interval.high()) + "]";
    }
}
