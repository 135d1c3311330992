package org.tiexec.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.it.bench.Section.Chart;

/** A section is legible in a terminal. */
final class TableTest {
    @Test
    void itShowsTheSpreadOfTheMainFigureAndWhatWasSkipped() {
        Section section = new Section(
                "launch",
                "time",
                List.of("program", "launcher"),
                List.of(
                        new Row(
                                List.of("node", "17"),
                                List.of(
                                        new Figure("plain", Unit.MILLIS, Sample.of(5)),
                                        new Figure("added", Unit.MILLIS, Sample.of(100, 104, 110))),
                                "a remark"),
                        Row.skipped("postgres", "as root: apt-get install postgresql")),
                List.of("a note"),
                new Chart.Bars("added"));

        assertThat(Table.of(section)).isEqualTo("""

                launch: time
                  program  launcher  plain  added        interval    min      quartiles
                  node     17          5.0  104.0  [100.0, 110.0]  100.0  102.0 - 107.0
                  node, 17: a remark
                  postgres: skipped: as root: apt-get install postgresql
                  a note
                """);
    }

    @Test
    void phasesStandOneBelowTheOther() {
        List<Figure> phases = List.of(
                new Figure("start JVM", Unit.MILLIS, Sample.of(40)), new Figure("plan", Unit.MILLIS, Sample.of(5, 7)));
        Section section = new Section(
                "phases",
                "time",
                List.of("program", "Java"),
                List.of(new Row(List.of("node", "17"), phases, "")),
                List.of(),
                new Chart.Stacks());

        assertThat(Table.of(section)).isEqualTo("""

                phases: time
                  program             node
                  Java                  17
                  start JVM           40.0
                  plan                 6.0
                  sum of the medians  46.0
                """);
    }

    @Test
    void noLineOfProseIsWiderThanATerminal() {
        Section section = new Section(
                "launch",
                "long ".repeat(40),
                List.of("program"),
                List.of(Row.skipped("node", "x".repeat(250))),
                List.of(),
                new Chart.Bars("added"));

        assertThat(Table.of(section).lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
}
