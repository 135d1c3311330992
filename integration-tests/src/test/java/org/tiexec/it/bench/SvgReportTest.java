package org.tiexec.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.geom.Rectangle2D;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.tiexec.it.bench.Section.Chart;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** The charts are well-formed, complete, and legible. */
final class SvgReportTest {
    private static final Machine MACHINE =
            new Machine(Map.of("processor", "A & B", "cores", "2", "kernel", "6.1 <test>", "load", "0"));
    private static final double FONT = 12;

    private final List<Section> sections = List.of(
            bars("wide", 1e6, 3e6, 2.5e6),
            bars("negative", -3, 0, 4),
            bars("nothing", 0, 0, 0),
            bars("single", 7),
            stacks());

    private static Section bars(String name, double... medians) {
        List<Row> rows = new ArrayList<>();
        for (double median : medians) {
            rows.add(new Row(
                    List.of("a \"program\" & its launcher " + median, "<launcher>"),
                    List.of(new Figure("added", Unit.MILLIS, Sample.of(median - 1, median, median + 2))),
                    ""));
        }
        rows.add(Row.skipped("postgres", "not installed; as root: apt-get install postgresql ".repeat(5)));
        return new Section(name, "title ".repeat(60), List.of("a", "b"), rows, List.of(), new Chart.Bars("added"));
    }

    private static Section stacks() {
        List<Figure> phases = IntStream.range(0, 17)
                .mapToObj(i -> new Figure("a phase called " + i, Unit.MILLIS, Sample.of(i)))
                .toList();
        Row row = new Row(List.of("node", "17"), phases, "");
        return new Section(
                "phases", "by phase", List.of("program", "Java"), List.of(row, row), List.of(), new Chart.Stacks());
    }

    @Test
    void itIsWellFormedAndSaysAll() throws Exception {
        List<String> texts = texts(svg()).stream().map(Element::getTextContent).toList();

        assertThat(texts).contains("a \"program\" & its launcher 1000000.0, <launcher>", "phases", "a phase called 16");
        assertThat(texts)
                .contains("1000000.0 [999999.0, 1000002.0] ms", "136.0 ms", "A & B, 2 cores, Linux 6.1 <test>, load 0");
    }

    @Test
    void noTextMeetsAnotherOrTheEdge() throws Exception {
        Element svg = svg();
        String[] box = svg.getAttribute("viewBox").split(" ", -1);
        Rectangle2D paper = new Rectangle2D.Double(0, 0, Double.parseDouble(box[2]), Double.parseDouble(box[3]));
        List<Rectangle2D> boxes = texts(svg).stream().map(SvgReportTest::box).toList();

        assertThat(boxes).hasSizeGreaterThan(60);
        assertThat(boxes).allSatisfy(each -> assertThat(paper.contains(each)).isTrue());
        for (int i = 0; i < boxes.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertThat(boxes.get(i).intersects(boxes.get(j)))
                        .as(
                                "%s and %s",
                                texts(svg).get(i).getTextContent(),
                                texts(svg).get(j).getTextContent())
                        .isFalse();
            }
        }
    }

    @Test
    void barsAreAsLongAsTheyShould() {
        Axis axis = new Axis(-10, 30, 100, 500);

        assertThat(axis.at(0)).isEqualTo(200);
        assertThat(axis.at(30)).isEqualTo(500);
        assertThat(axis.ticks(90)).containsExactly(-10.0, 0.0, 10.0, 20.0, 30.0);
        assertThat(axis.name(20.0)).isEqualTo("20");
    }

    private Element svg() throws ParserConfigurationException, IOException, SAXException {
        byte[] text = SvgReport.of(MACHINE, sections).getBytes(StandardCharsets.UTF_8);
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(text));
        return document.getDocumentElement();
    }

    private static List<Element> texts(Element svg) {
        var nodes = svg.getElementsByTagName("text");
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    /** The advance of a glyph of DejaVu Sans Mono is 0.602 of the font's size. */
    private static Rectangle2D box(Element text) {
        double x = Double.parseDouble(text.getAttribute("x"));
        double baseline = Double.parseDouble(text.getAttribute("y"));
        double width = text.getTextContent().length() * FONT * 0.602;
        return new Rectangle2D.Double(x, baseline - FONT, width, FONT + 3);
    }
}
