package org.tiexec.it.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of measurements is what statistics says of them. */
final class SampleTest {
    @Test
    void theMedianOfAnOddNumberIsTheOneInTheMiddle() {
        assertThat(Sample.of(9, 1, 5).median()).isEqualTo(5);
    }

    @Test
    void theMedianOfAnEvenNumberLiesHalfwayBetweenTheTwoInTheMiddle() {
        assertThat(Sample.of(4, 1, 10, 2).median()).isEqualTo(3);
    }

    @Test
    void quartilesAreInterpolated() {
        Sample sample = Sample.of(5, 1, 2, 4, 3, 6);

        assertThat(sample.quantile(0.25)).isEqualTo(2.25);
        assertThat(sample.quantile(0.75)).isEqualTo(4.75);
        assertThat(sample.min()).isEqualTo(1);
        assertThat(sample.max()).isEqualTo(6);
    }

    /** The ranks and coverages of published tables, as in Hahn and Meeker, "Statistical Intervals". */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 0",
        "2, 1, 2, 0.5",
        "5, 1, 5, 0.9375",
        "6, 1, 6, 0.96875",
        "8, 1, 8, 0.9921875",
        "9, 2, 8, 0.9609375",
        "10, 2, 9, 0.978515625",
        "20, 6, 15, 0.958610535",
        "30, 10, 21, 0.957226"
    })
    void theIntervalOfTheMedianHasTheRanksOfTheTables(int size, int low, int high, double coverage) {
        Sample ranks = new Sample(IntStream.rangeClosed(1, size)
                .mapToObj(rank -> (double) (size + 1 - rank))
                .toList());

        Interval interval = ranks.medianInterval();

        assertThat(interval.low()).isEqualTo(low);
        assertThat(interval.high()).isEqualTo(high);
        assertThat(interval.coverage()).isCloseTo(coverage, within(1e-6));
    }

    @Test
    void itEnclosesTheTrueMedianOfASkewedDistributionAsOftenAsItSays() {
        Random random = new Random(20_260_101);
        double trueMedian = Math.log(2);
        int enclosed = 0;
        for (int trial = 0; trial < 2000; trial++) {
            List<Double> values = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                values.add(-Math.log(1 - random.nextDouble()));
            }
            Interval interval = new Sample(values).medianInterval();
            enclosed += interval.low() <= trueMedian && trueMedian <= interval.high() ? 1 : 0;
        }

        assertThat(enclosed / 2000.0).isCloseTo(0.957, within(0.015));
    }

    @Test
    void pairsAreComparedOneByOne() {
        Pairs pairs = new Pairs();
        pairs.add(10, 20);
        pairs.add(100, 110);
        pairs.add(1, 4);

        assertThat(pairs.ratios().values()).containsExactly(2.0, 1.1, 4.0);
        assertThat(pairs.ratios().median()).isEqualTo(2);
        assertThat(pairs.differences().values()).containsExactly(10.0, 10.0, 3.0);
        assertThat(pairs.bases().median()).isEqualTo(10);
        assertThat(pairs.others().median()).isEqualTo(20);
    }

    @Test
    void nothingHasNoMedian() {
        assertThatThrownBy(() -> new Sample(List.of())).hasMessage("nothing was measured");
    }
}
