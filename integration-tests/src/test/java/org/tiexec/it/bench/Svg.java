package org.tiexec.it.bench;

import java.util.Locale;

/**
 * An SVG document, drawn from the top down.
 *
 * <p>All text is in one monospaced font of one size, so that its width is known while it is placed.
 */
final class Svg {
    static final int LINE = 18;
    static final double CHARACTER = 7.3;

    private static final int FONT = 12;
    private static final int DESCENT = 5;

    private final StringBuilder body = new StringBuilder();
    private final int width;

    Svg(int width) {
        this.width = width;
    }

    static double widthOf(String text) {
        return text.length() * CHARACTER;
    }

    /** One line of text in the band of {@link #LINE} pixels below {@code top}. */
    void text(double left, double top, String text) {
        append("<text x=\"%.1f\" y=\"%.1f\">%s</text>", left, top + LINE - DESCENT, escaped(text));
    }

    /** The same in bold type. */
    void heading(double left, double top, String text) {
        append("<text x=\"%.1f\" y=\"%.1f\" font-weight=\"bold\">%s</text>", left, top + LINE - DESCENT, escaped(text));
    }

    /** The same, ending at {@code right}. */
    void textBefore(double right, double top, String text) {
        text(right - widthOf(text), top, text);
    }

    /** Text in as many lines as it takes; the answer is where the last one ends. */
    double paragraph(double left, double top, double room, String text) {
        StringBuilder line = new StringBuilder();
        double y = top;
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && widthOf(line + " " + word) > room) {
                text(left, y, line.toString());
                y += LINE;
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        text(left, y, line.toString());
        return y + LINE;
    }

    void box(double left, double top, double boxWidth, double height, String colour, String tip) {
        append(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s</title></rect>",
                left, top, Math.max(0, boxWidth), height, colour, escaped(tip));
    }

    void line(double x1, double y1, double x2, double y2, String colour) {
        append("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>", x1, y1, x2, y2, colour);
    }

    String finish(double height) {
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" font-family=\"DejaVu Sans Mono, monospace\""
                        + " font-size=\"%d\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n%s</svg>%n",
                width,
                height,
                FONT,
                body);
    }

    private void append(String format, Object... arguments) {
        body.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
