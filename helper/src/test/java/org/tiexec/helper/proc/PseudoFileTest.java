package org.tiexec.helper.proc;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;

final class PseudoFileTest {
    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 8192, 8193, 16384, 100_000})
    void readsFilesOfAnySize(int size) throws Exception {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path file = Files.write(directory.resolve("file"), content);
        assertThat(PseudoFile.read(file.toFile(), PseudoFile.LIMIT)).isEqualTo(content);
    }

    @Test
    void readsFilesThatDoNotTellTheirSize() throws Exception {
        assertThat(Files.size(Path.of("/proc/self/maps"))).isZero();
        assertThat(PseudoFile.read(Path.of("/proc/self/maps").toFile(), PseudoFile.LIMIT))
                .hasSizeGreaterThan(1000);
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

    @Test
    void readsNoFurtherThanIsNeeded() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 1000; i++) {
            text.append(Integer.toHexString(i << 12)).append("-").append(Integer.toHexString((i + 1) << 12));
            text.append(" r-xp 00000000 08:01 7 /bin/x\nSize:   4 kB\nFilePmdMapped:  0 kB\n");
        }
        Path file = Files.writeString(directory.resolve("smaps"), text.toString());
        AddressRange interest = new AddressRange(new Address(0x5000), new Address(0x7000));
        byte[] beginning = PseudoFile.readUntil(file.toFile(), PseudoFile.LIMIT, new PastRange(interest));
        assertThat(new String(beginning, UTF_8)).contains("\n7000-8000 r-xp").hasSizeLessThan(10_000);
        AddressRange everything = new AddressRange(new Address(0x1000), new Address(0x1_0000_0000L));
        assertThat(PseudoFile.readUntil(file.toFile(), PseudoFile.LIMIT, new PastRange(everything)))
                .isEqualTo(Files.readAllBytes(file));
    }
}
