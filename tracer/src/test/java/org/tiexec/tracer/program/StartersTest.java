package org.tiexec.tracer.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StartersTest {
    private static final Path LOOK = Path.of("src/main/sh/look.sh");

    @Test
    void areKnownByTheNameOfTheirFile() {
        assertThat(Starters.include(Path.of("/usr/bin/env"))).isTrue();
        assertThat(Starters.include(Path.of("/bin/sh"))).isTrue();
        assertThat(Starters.include(Path.of("/usr/bin/true"))).isFalse();
        assertThat(Starters.include(Path.of("/"))).isFalse();
    }

    /** Else a command would be followed or not by whether it has options for which a JVM starts. */
    @Test
    void areTheSameForTheLauncher() throws IOException {
        List<String> names = Files.readString(LOOK)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("sh | dash |") || line.startsWith("env | nice |"))
                .flatMap(line -> Stream.of(line.substring(0, line.indexOf(')')).split(" [|] ", -1)))
                .distinct()
                .toList();

        assertThat(names).containsExactlyInAnyOrderElementsOf(Starters.names());
    }
}
