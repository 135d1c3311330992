package org.tiexec.it.bench;

import java.util.List;

/** The charts of all sections, one below the other. */
final class SvgReport {
    private static final int WIDTH = 1000;
    private static final int MARGIN = 16;

    private SvgReport() {}

    static String of(Machine machine, List<Section> sections) {
        Svg svg = new Svg(WIDTH);
        double top = svg.paragraph(MARGIN, MARGIN, WIDTH - 2 * MARGIN, machine.line());
        for (Section section : sections) {
            top = new Panel(svg, section, MARGIN, WIDTH - 2 * MARGIN).draw(top + MARGIN);
        }
        return svg.finish(top + MARGIN);
    }
}
