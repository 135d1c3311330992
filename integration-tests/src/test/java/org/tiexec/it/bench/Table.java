package org.tiexec.it.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A section as text for a terminal. */
final class Table {
    private static final String GAP = "  ";
    private static final int WIDTH = 100;

    private final List<List<String>> lines = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final int labels;
    private boolean hasSpread;

    private Table(int labels) {
        this.labels = labels;
    }

    static String of(Section section) {
        if (section.chart() instanceof Section.Chart.Bars bars) {
            Table table = new Table(section.headings().size());
            table.fill(section, bars.figure());
            return table.text(section);
        }
        Table table = new Table(1);
        table.fillTransposed(section);
        return table.text(section);
    }

    /** The figure that is drawn is shown with its spread, others with their median. */
    private void fill(Section section, String main) {
        List<String> names = section.figureNames();
        hasSpread = section.rows().stream()
                .flatMap(row -> row.figure(main).stream())
                .anyMatch(figure -> figure.sample().size() > 1);
        List<String> header = new ArrayList<>(section.headings());
        for (String name : names) {
            header.add(name);
            if (name.equals(main) && hasSpread) {
                header.addAll(List.of("interval", "min", "quartiles"));
            }
        }
        lines.add(header);
        for (Row row : section.rows()) {
            if (row.figures().isEmpty()) {
                remarks.add(row.label() + ": skipped: " + row.remark());
                continue;
            }
            if (!row.remark().isEmpty()) {
                remarks.add(row.label() + ": " + row.remark());
            }
            List<String> line = new ArrayList<>(row.labels());
            for (String name : names) {
                cells(line, row.figure(name), name.equals(main) && hasSpread);
            }
            lines.add(line);
        }
    }

    private static void cells(List<String> line, Optional<Figure> figure, boolean isMain) {
        line.add(figure.map(each -> each.unit().format(each.sample().median())).orElse("-"));
        if (isMain) {
            line.add(figure.map(each -> each.unit().formatInterval(each.sample()))
                    .orElse("-"));
            line.add(figure.map(each -> each.unit().format(each.sample().min())).orElse("-"));
            line.add(figure.map(Table::quartiles).orElse("-"));
        }
    }

    private static String quartiles(Figure figure) {
        Sample sample = figure.sample();
        return figure.unit().format(sample.quantile(0.25)) + " - "
                + figure.unit().format(sample.quantile(0.75));
    }

    private void fillTransposed(Section section) {
        List<Row> measured =
                section.rows().stream().filter(row -> !row.figures().isEmpty()).toList();
        for (int label = 0; label < section.headings().size(); label++) {
            List<String> header = new ArrayList<>(List.of(section.headings().get(label)));
            for (Row row : measured) {
                header.add(row.labels().get(label));
            }
            lines.add(header);
        }
        for (String name : section.figureNames()) {
            List<String> line = new ArrayList<>(List.of(name));
            measured.forEach(row -> cells(line, row.figure(name), false));
            lines.add(line);
        }
        List<String> sum = new ArrayList<>(List.of("sum of the medians"));
        for (Row row : measured) {
            double total = row.figures().stream()
                    .mapToDouble(figure -> figure.sample().median())
                    .sum();
            sum.add(row.figures().get(0).unit().format(total));
        }
        lines.add(sum);
        section.rows().stream()
                .filter(row -> row.figures().isEmpty())
                .forEach(row -> remarks.add(row.label() + ": skipped: " + row.remark()));
    }

    private String text(Section section) {
        StringBuilder text = new StringBuilder();
        text.append('\n');
        wrapped(text, section.name() + ": " + section.title());
        List<Integer> widths = widths();
        for (List<String> line : lines) {
            StringBuilder out = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                String padding =
                        " ".repeat(widths.get(column) - line.get(column).length());
                out.append(GAP);
                out.append(column < labels ? line.get(column) + padding : padding + line.get(column));
            }
            text.append(out.toString().stripTrailing()).append('\n');
        }
        remarks.forEach(remark -> wrapped(text, GAP + remark));
        section.notes().forEach(note -> wrapped(text, GAP + note));
        return text.toString();
    }

    private static void wrapped(StringBuilder text, String line) {
        String rest = line;
        while (rest.length() > WIDTH) {
            int blank = rest.lastIndexOf(' ', WIDTH);
            int end = blank > 2 * GAP.length() ? blank : WIDTH;
            text.append(rest, 0, end).append('\n');
            rest = GAP + GAP + rest.substring(end).stripLeading();
        }
        text.append(rest).append('\n');
    }

    private List<Integer> widths() {
        List<Integer> widths = new ArrayList<>();
        for (List<String> line : lines) {
            for (int column = 0; column < line.size(); column++) {
                int width = line.get(column).length();
                if (column == widths.size()) {
                    widths.add(width);
                }
                widths.set(column, Math.max(widths.get(column), width));
            }
        }
        return widths;
    }
}
