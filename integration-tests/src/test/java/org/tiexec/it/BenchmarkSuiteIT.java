package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.xml.sax.SAXException;

/** The benchmark suite runs by the README's command, says what it has measured, and fails where nothing was to be measured. */
@InLab
final class BenchmarkSuiteIT {
    private static final String CLASSES = "integration-tests/target/test-classes:tracer/target/lib/*";
    private static final String SUITE = "org.tiexec.it.bench.Suite";
    private static final String VERSION = javaVersion();

    private static String javaVersion() {
        String tested = System.getProperty("tiexec.test.jdk", "");
        return tested.isEmpty() ? Integer.toString(Runtime.version().feature()) : tested;
    }

    @Test
    void itMeasuresALaunchAndWritesTableJsonAndChart(Lab lab)
            throws IOException, ParserConfigurationException, SAXException {
        Path json = lab.directory().resolve("measured.json");
        Path svg = lab.directory().resolve("measured.svg");

        Outcome outcome = suite(
                        lab,
                        "launch",
                        "--runs=1",
                        "--programs=true,specimen",
                        "--launch=in-place",
                        "--archives=warm",
                        "--java=" + VERSION,
                        "--json=" + json,
                        "--svg=" + svg)
                .run();

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsPattern("(?m)^  program +launcher +plain +added +to output$")
                .containsPattern("(?m)^  true +nothing to do +\\d+\\.\\d +-?\\d+\\.\\d +-$")
                .containsPattern("(?m)^  specimen +" + VERSION + " in-place +\\d+\\.\\d +\\d+\\.\\d +\\d+\\.\\d$")
                .doesNotContain("NOT on 2 MB pages");
        JsonNode rows = new ObjectMapper().readTree(json.toFile()).at("/sections/0/rows");
        assertThat(rows).hasSize(2);
        JsonNode added = rows.get(1).at("/figures/added");
        assertThat(added.get("values")).hasSize(1);
        assertThat(added.get("median").asDouble()).isPositive();
        assertThat(added.get("unit").asText()).isEqualTo("ms");
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(svg.toFile())
                        .getElementsByTagName("text")
                        .getLength())
                .isGreaterThan(5);
    }

    /** A launcher of its own, by which programs run as if there were no 2 MB pages. */
    @Test
    void anotherLauncherIsMeasuredButNotTakenAtItsWord(Lab lab) {
        Path launcher = lab.script("launcher", "#!/bin/sh\nshift 2\nexec \"$@\"\n");

        Outcome outcome = suite(lab, "pages", "--programs=specimen", "--java=" + VERSION)
                .with("TIEXEC_BASELINE", launcher.toString())
                .run();

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsPattern("(?m)^  specimen +plain +\\d{4} +0 ")
                .containsPattern("(?m)^  specimen +hugetlb +\\d{1,3} +[1-9] ")
                .containsPattern("(?m)^  specimen +thp +\\d{1,3} +[1-9] ")
                .containsPattern("(?m)^  specimen +baseline +\\d{4} +0 ");
    }

    /** The README's table about rounding outward, but for its numbers. */
    @Test
    void codeThatIsRoundedOutwardHasNoSmallPageLeft(Lab lab) {
        Outcome outcome = suite(lab, "pages", "--programs=prometheus", "--java=" + VERSION)
                .run();

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).containsPattern("(?m)^  prometheus +plain +\\d{4} +0 ");
        for (String pages : new String[] {"hugetlb", "thp"}) {
            assertThat(outcome.out())
                    .containsPattern("(?m)^  prometheus +" + pages + " +[1-9]\\d* +[1-9]\\d* ")
                    .containsPattern("(?m)^  prometheus +" + pages + " aggressive +0 +[1-9]\\d* ");
        }
    }

    @Test
    void whatItDoesNotUnderstandItDoesNotMeasure(Lab lab) {
        Outcome outcome = suite(lab, "lunch").run();

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("bench: not understood: lunch\nSuite [launch]");
    }

    /** Launches that fail open are fast: here with a tracer that does nothing at all. */
    @Test
    void whereNoSwapTakesPlaceItFailsLoudly(Lab lab) throws IOException {
        Path root = lab.directory().resolve("project");
        Files.createDirectories(root.resolve("tracer/bin"));
        lab.script("project/tracer/bin/tracer", "#!/bin/sh\nwhile [ $1 != -- ]; do shift; done; shift; exec \"$@\"\n");

        Outcome outcome = suite(lab, "launch", "--runs=1", "--programs=specimen", "--java=" + VERSION)
                .with("JDK_JAVA_OPTIONS", "-Dtiexec.root=" + root)
                .run();

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("bench: failed: no swap took place, nothing was measured: ");
        assertThat(outcome.out()).doesNotContain("added");
    }

    private static Command suite(Lab lab, Object... arguments) {
        lab.pool().provide(128);
        return lab.plain(Path.of(System.getProperty("java.home"), "bin/java"), "-cp", CLASSES, SUITE)
                .before(arguments)
                .in(Lab.root());
    }
}
