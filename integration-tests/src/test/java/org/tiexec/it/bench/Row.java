package org.tiexec.it.bench;

import java.util.List;
import java.util.Optional;

/**
 * What was measured of one subject, or why nothing was.
 *
 * @param labels what sets it apart from the other rows
 * @param remark what a reader must know of it; without figures, why there are none
 */
record Row(List<String> labels, List<Figure> figures, String remark) {
    static Row skipped(String subject, String why) {
        return new Row(List.of(subject), List.of(), why);
    }

    Optional<Figure> figure(String name) {
        return figures.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    String label() {
        return String.join(", ", labels);
    }
}
