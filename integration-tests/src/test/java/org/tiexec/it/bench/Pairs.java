package org.tiexec.it.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** Measurements of two variants, each of one made next to one of the other, so that both had the same machine. */
final class Pairs {
    private final List<Double> bases = new ArrayList<>();
    private final List<Double> others = new ArrayList<>();

    void add(double base, double other) {
        bases.add(base);
        others.add(other);
    }

    Sample bases() {
        return new Sample(bases);
    }

    Sample others() {
        return new Sample(others);
    }

    /** How much more the other one took, pair by pair. */
    Sample differences() {
        return each((base, other) -> other - base);
    }

    /** How many times the base the other one took, pair by pair. */
    Sample ratios() {
        return each((base, other) -> other / base);
    }

    private Sample each(DoubleBinaryOperator operation) {
        List<Double> results = new ArrayList<>();
        for (int i = 0; i < bases.size(); i++) {
            results.add(operation.applyAsDouble(bases.get(i), others.get(i)));
        }
        return new Sample(results);
    }
}
