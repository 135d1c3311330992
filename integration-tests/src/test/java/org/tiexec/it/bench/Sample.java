package org.tiexec.it.bench;

import java.util.Arrays;
import java.util.List;

/**
 * Measurements of one quantity under the same circumstances.
 *
 * @param values at least one, in the order in which they were made
 */
record Sample(List<Double> values) {
    private static final double WANTED_COVERAGE = 0.95;

    Sample {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
    }

    static Sample of(double... values) {
        return new Sample(Arrays.stream(values).boxed().toList());
    }

    int size() {
        return values.size();
    }

    double min() {
        return sorted().get(0);
    }

    double max() {
        return sorted().get(size() - 1);
    }

    double median() {
        return quantile(0.5);
    }

    /** The value below which a share of the measurements lies, interpolated between the two nearest. */
    double quantile(double share) {
        List<Double> sorted = sorted();
        double position = share * (size() - 1);
        int below = (int) position;
        int above = Math.min(below + 1, size() - 1);
        return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    }

    /**
     * Where the median of all possible measurements lies: the narrowest pair of order statistics that encloses it with a
     * probability of 95 %, whatever the distribution, or, of fewer than six measurements, the outermost.
     */
    Interval medianInterval() {
        List<Double> sorted = sorted();
        double ways = Math.pow(0.5, size());
        double outside = ways;
        int left = 0;
        while (left + 1 < size() - 1 - (left + 1)) {
            ways = ways * (size() - left) / (left + 1);
            if (1 - 2 * (outside + ways) < WANTED_COVERAGE) {
                break;
            }
            outside += ways;
            left++;
        }
        return new Interval(sorted.get(left), sorted.get(size() - 1 - left), Math.max(0, 1 - 2 * outside));
    }

    private List<Double> sorted() {
        return values.stream().sorted().toList();
    }
}
