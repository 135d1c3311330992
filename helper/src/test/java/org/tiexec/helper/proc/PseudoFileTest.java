package org.tiexec.helper.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PseudoFileTest {
    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 8192, 8193, 16384, 100_000})
    void readsFilesOfAnySize(int size) throws Exception {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path file = Files.write(directory.resolve("file"), content);
        assertThat(PseudoFile.read(file.toFile())).isEqualTo(content);
    }

    @Test
    void readsFilesThatDoNotTellTheirSize() throws Exception {
        assertThat(Files.size(Path.of("/proc/self/maps"))).isZero();
        assertThat(PseudoFile.read(Path.of("/proc/self/maps").toFile())).hasSizeGreaterThan(1000);
    }

    @Test
    void refusesMoreThanTheLimit() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[100_001]);
        assertThatThrownBy(() -> PseudoFile.read(file.toFile(), 100_000))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " is larger than 100000 bytes");
    }

    @Test
    void refusesAnEndlessFile() {
        assertThatThrownBy(() -> PseudoFile.read(Path.of("/dev/zero").toFile(), 1 << 20))
                .isInstanceOf(IOException.class)
                .hasMessage("/dev/zero is larger than 1048576 bytes");
    }
}
