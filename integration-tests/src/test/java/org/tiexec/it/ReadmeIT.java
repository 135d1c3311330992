package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;

/** The README's commands run as pasted, and print what stands there but for numbers. */
@InLab
final class ReadmeIT {
    private static final String FENCE = "```";
    private static final String PROMPT = "$ ";

    @Test
    void everyTranscriptIsWhatItsCommandsPrint(Lab lab) throws IOException {
        lab.pool().provide(64);
        List<List<String>> transcripts = blocks().stream()
                .filter(block -> block.get(0).startsWith(PROMPT))
                .toList();
        assertThat(transcripts).hasSizeGreaterThanOrEqualTo(12);

        for (List<String> transcript : transcripts) {
            Outcome outcome = lab.plain("bash", "-c", script(transcript, lab))
                    .in(Lab.root())
                    .run();

            assertThat(withoutNumbers(outcome.outLines()))
                    .as(String.join("\n", transcript))
                    .isEqualTo(withoutNumbers(transcript));
        }
    }

    @Test
    void everyCommandOfTheProjectThatIsNamedIsThere() throws IOException {
        List<String> named = new ArrayList<>();
        for (List<String> block : blocks()) {
            for (String line : block) {
                String word = line.strip().split(" ", 2)[0];
                if (word.startsWith("tracer/bin/") || word.startsWith("helper/bin/") || word.startsWith(".ci/")) {
                    named.add(word);
                }
            }
        }

        assertThat(named).contains("tracer/bin/demo", ".ci/run");
        assertThat(named)
                .allSatisfy(word -> assertThat(Lab.root().resolve(word)).isExecutable());
    }

    /** Says each command before it is run, as a terminal shows it; what it has in /tmp lies in the lab. */
    private static String script(List<String> transcript, Lab lab) {
        StringBuilder script = new StringBuilder("exec 2>&1\n");
        for (String line : transcript) {
            if (line.startsWith(PROMPT)) {
                script.append("printf '%s\\n' '")
                        .append(line.replace("'", "'\\''"))
                        .append("'\n");
                script.append(line.substring(PROMPT.length()).replace("/tmp/", lab.directory() + "/"))
                        .append('\n');
            }
        }
        return script.toString();
    }

    /** Process ids, addresses, counts, versions, digests; the phases of a launch. */
    private static List<String> withoutNumbers(List<String> lines) {
        return lines.stream()
                .map(line -> line.startsWith(PROMPT)
                        ? line
                        : line.replaceAll("time, ms: .*", "time, ms")
                                .replaceAll("\\b[0-9a-f]{64}\\b", "H")
                                .replaceAll("0x[0-9a-f]+|\\d+([.]\\d+)*", "N"))
                .toList();
    }

    /** The lines between fences. */
    private static List<List<String>> blocks() throws IOException {
        Path readme = Lab.root().resolve("README.md");
        List<List<String>> blocks = new ArrayList<>();
        List<String> block = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(readme)) {
            if (line.startsWith(FENCE)) {
                if (inside) {
                    blocks.add(List.copyOf(block));
                    block.clear();
                }
                inside = !inside;
            } else if (inside) {
                block.add(line);
            }
        }
        assertThat(inside).as(readme + " ends within a block").isFalse();
        assertThat(blocks).noneMatch(List::isEmpty);
        return blocks;
    }
}
