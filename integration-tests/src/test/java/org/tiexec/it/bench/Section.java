package org.tiexec.it.bench;

import java.util.List;

/**
 * The result of one benchmark.
 *
 * @param name by which it is asked for
 * @param headings of the labels that each row has
 * @param notes what a reader must know of all rows
 */
record Section(String name, String title, List<String> headings, List<Row> rows, List<String> notes, Chart chart) {
    /** How the rows are drawn. */
    sealed interface Chart {
        /** One bar for one figure of each row, with the interval of its median. */
        record Bars(String figure) implements Chart {}

        /** One bar for each row, of all its figures one after the other. */
        record Stacks() implements Chart {}
    }

    /** The smallest probability with which the intervals of a figure enclose the true medians, as text. */
    static String coverage(List<Row> rows, String figure) {
        double coverage = rows.stream()
                .flatMap(row -> row.figure(figure).stream())
                .mapToDouble(each -> each.sample().medianInterval().coverage())
                .min()
                .orElse(0);
        return Math.round(100 * coverage) + " %";
    }

    /** The names of all figures, in the order of their first appearance. */
    List<String> figureNames() {
        return rows.stream()
                .flatMap(row -> row.figures().stream())
                .map(Figure::name)
                .distinct()
                .toList();
    }
}
