package org.tiexec.it.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Where on the paper a value stands.
 *
 * @param low the value that stands at {@code left}
 * @param high the value that stands at {@code right}
 */
record Axis(double low, double high, double left, double right) {
    Axis {
        high = high > low ? high : low + 1;
    }

    double at(double value) {
        return left + (value - low) / (high - low) * (right - left);
    }

    /** Round values, as many as there is room for if each takes {@code room}. */
    List<Double> ticks(double room) {
        int most = Math.max(1, (int) ((right - left) / room));
        double step = roundedUp((high - low) / most);
        List<Double> ticks = new ArrayList<>();
        for (long n = (long) Math.ceil(low / step); n * step <= high; n++) {
            ticks.add(n * step);
        }
        return ticks;
    }

    String name(double tick) {
        return BigDecimal.valueOf(tick)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** The next of …, 1, 2, 5, 10, 20, … */
    private static double roundedUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (int factor : List.of(1, 2, 5)) {
            if (factor * power >= value) {
                return factor * power;
            }
        }
        return 10 * power;
    }
}
