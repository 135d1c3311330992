package org.tiexec.it.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The chart of one section: a line of its own for each row, with its label to the left of the bars and its value to the
 * right of them, so that no text can meet another.
 */
final class Panel {
    private static final int BAR = 12;
    private static final int GAP = 8;
    private static final int TICK_ROOM = 90;
    private static final String INK = "#333333";
    private static final String GRID = "#dddddd";
    private static final List<String> COLOURS = List.of(
            "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#222255", "#ff9955",
            "#77cc99", "#885533", "#99aa22", "#dd99cc", "#556677");

    private final Svg svg;
    private final Section section;
    private final double left;
    private final double width;

    Panel(Svg svg, Section section, double left, double width) {
        this.svg = svg;
        this.section = section;
        this.left = left;
        this.width = width;
    }

    /** One row as it is drawn. */
    private record Bar(String label, List<Double> parts, Interval whisker, String value) {
        double end() {
            return parts.stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    /** Draws it below {@code top}; the answer is where it ends. */
    double draw(double top) {
        svg.heading(left, top, section.name());
        double y = svg.paragraph(left, top + Svg.LINE, width, section.title());
        List<Bar> bars = bars();
        if (!bars.isEmpty()) {
            y = drawBars(bars, y + GAP);
            if (section.chart() instanceof Section.Chart.Stacks) {
                y = drawLegend(y + GAP);
            }
        }
        for (Row row : section.rows()) {
            if (!row.remark().isEmpty()) {
                String how = row.figures().isEmpty() ? ": skipped: " : ": ";
                y = svg.paragraph(left, y, width, row.label() + how + row.remark());
            }
        }
        for (String note : section.notes()) {
            y = svg.paragraph(left, y, width, note);
        }
        return y;
    }

    private List<Bar> bars() {
        List<Bar> bars = new ArrayList<>();
        for (Row row : section.rows()) {
            if (section.chart() instanceof Section.Chart.Bars chart) {
                row.figure(chart.figure()).ifPresent(figure -> bars.add(bar(row, figure)));
            } else if (!row.figures().isEmpty()) {
                bars.add(stack(row));
            }
        }
        return bars;
    }

    private static Bar bar(Row row, Figure figure) {
        double median = figure.sample().median();
        Interval interval = figure.sample().medianInterval();
        String spread = figure.unit().formatInterval(figure.sample());
        String value = figure.unit().format(median) + " " + (spread.isEmpty() ? "" : spread + " ")
                + figure.unit().symbol();
        return new Bar(row.label(), List.of(median), interval, value);
    }

    private Bar stack(Row row) {
        List<Double> parts = section.figureNames().stream()
                .map(name ->
                        row.figure(name).map(figure -> figure.sample().median()).orElse(0.0))
                .toList();
        double sum = parts.stream().mapToDouble(Double::doubleValue).sum();
        Unit unit = row.figures().get(0).unit();
        return new Bar(row.label(), parts, new Interval(sum, sum, 0), unit.format(sum) + " " + unit.symbol());
    }

    private double drawBars(List<Bar> bars, double top) {
        double labels =
                bars.stream().mapToDouble(bar -> Svg.widthOf(bar.label())).max().orElse(0);
        double values =
                bars.stream().mapToDouble(bar -> Svg.widthOf(bar.value())).max().orElse(0);
        double low = bars.stream()
                .mapToDouble(bar -> Math.min(bar.end(), bar.whisker().low()))
                .min()
                .orElse(0);
        double high = bars.stream()
                .mapToDouble(bar -> Math.max(bar.end(), bar.whisker().high()))
                .max()
                .orElse(0);
        Axis axis = new Axis(Math.min(0, low), Math.max(0, high), left + labels + GAP, left + width - values - GAP);
        double bottom = top + bars.size() * Svg.LINE;
        for (double tick : axis.ticks(TICK_ROOM)) {
            svg.line(axis.at(tick), top, axis.at(tick), bottom, GRID);
            String name = axis.name(tick);
            svg.text(axis.at(tick) - Svg.widthOf(name) / 2, bottom, name);
        }
        double y = top;
        for (Bar bar : bars) {
            svg.text(left, y, bar.label());
            svg.textBefore(left + width, y, bar.value());
            drawParts(bar, axis, y + (Svg.LINE - BAR) / 2.0);
            y += Svg.LINE;
        }
        svg.line(axis.at(0), top, axis.at(0), bottom, INK);
        return bottom + Svg.LINE;
    }

    private void drawParts(Bar bar, Axis axis, double top) {
        double from = 0;
        for (int part = 0; part < bar.parts().size(); part++) {
            double to = from + bar.parts().get(part);
            double start = Math.min(axis.at(from), axis.at(to));
            svg.box(start, top, Math.abs(axis.at(to) - axis.at(from)), BAR, colour(part), tip(bar, part));
            from = to;
        }
        double low = axis.at(bar.whisker().low());
        double high = axis.at(bar.whisker().high());
        if (high > low) {
            double middle = top + BAR / 2.0;
            svg.line(low, middle, high, middle, INK);
            svg.line(low, middle - 3, low, middle + 3, INK);
            svg.line(high, middle - 3, high, middle + 3, INK);
        }
    }

    private String tip(Bar bar, int part) {
        return section.chart() instanceof Section.Chart.Stacks
                ? section.figureNames().get(part) + " "
                        + Unit.MILLIS.format(bar.parts().get(part))
                : bar.value();
    }

    private double drawLegend(double top) {
        List<String> names = section.figureNames();
        double room = names.stream().mapToDouble(Svg::widthOf).max().orElse(0) + BAR + 3 * GAP;
        int columns = Math.max(1, (int) (width / room));
        for (int i = 0; i < names.size(); i++) {
            double x = left + i % columns * room;
            double y = top + i / columns * Svg.LINE;
            svg.box(x, y + (Svg.LINE - BAR) / 2.0, BAR, BAR, colour(i), names.get(i));
            svg.text(x + BAR + GAP, y, names.get(i));
        }
        return top + (names.size() + columns - 1) / columns * Svg.LINE;
    }

    private static String colour(int part) {
        return COLOURS.get(part % COLOURS.size());
    }
}
