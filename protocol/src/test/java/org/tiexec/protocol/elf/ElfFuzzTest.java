package org.tiexec.protocol.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tiexec.protocol.elf.ElfImage.PT_INTERP;
import static org.tiexec.protocol.elf.ElfImage.R;
import static org.tiexec.protocol.elf.ElfImage.RW;
import static org.tiexec.protocol.elf.ElfImage.RX;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.protocol.Fuzz;

/** Whatever a file holds, reading its headers ends in a value or in a MalformedElfException. */
final class ElfFuzzTest {
    private static final int INPUTS = Fuzz.inputs(20_000);
    private static final long[] VALUES = {
        0,
        1,
        -1,
        0x1000,
        -0x1000,
        0x200000,
        1L << 46,
        1L << 47,
        (1L << 47) - 0x1000,
        1L << 62,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        0x400000,
        0xffff,
        1L << 40
    };
    private static final List<String> TOKENS =
            List.of("\u007fELF", "\u0000\u0000\u0000\u0000", "\u0001\u0000\u0000\u0000");

    @TempDir
    private Path directory;

    private static List<byte[]> samples() {
        return List.of(
                new ElfImage()
                        .entry(PT_INTERP, R, 0x318, 0x400318, 28, 28, 1)
                        .load(R, 0, 0x400000, 0x1000, 0x1000, 0x1000)
                        .load(RX, 0x1000, 0x401000, 0x800000, 0x800000, 0x1000)
                        .load(RW, 0x801000, 0xc01000, 0x100, 0x8000, 0x1000)
                        .bytes(),
                new ElfImage()
                        .type(3)
                        .load(RX, 0, 0, 0x600000, 0x600000, 0x200000)
                        .bytes());
    }

    @Test
    void anyFileIsReadOrRefused() throws IOException {
        Fuzz fuzz = new Fuzz(samples(), TOKENS);
        int accepted = 0;
        try (FileChannel file = FileChannel.open(
                directory.resolve("image"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            for (byte[] image : Fuzz.corpus("elf.txt")) {
                fuzz.tries(image, bytes -> isRead(bytes, file));
            }
            for (int i = 0; i < INPUTS; i++) {
                byte[] image = i % 2 == 0 ? fuzz.next() : withOtherFields(fuzz);
                accepted += fuzz.tries(image, bytes -> isRead(bytes, file)) ? 1 : 0;
            }
        }
        assertThat(accepted).isBetween(INPUTS / 100, INPUTS * 9 / 10);
    }

    /** A good image with another value in a few of its fields. */
    private static byte[] withOtherFields(Fuzz fuzz) {
        byte[] image = samples().get(fuzz.number(2)).clone();
        ByteBuffer fields = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i <= fuzz.number(3); i++) {
            long value = VALUES[fuzz.number(VALUES.length)];
            if (fuzz.number(4) == 0) {
                fields.putShort(2 * fuzz.number(ElfImage.HEADER / 2), (short) value);
            } else {
                fields.putLong(8 * fuzz.number(image.length / 8), value);
            }
        }
        return image;
    }

    private static boolean isRead(byte[] image, FileChannel file) throws IOException {
        file.truncate(0);
        file.write(ByteBuffer.wrap(image), 0);
        try {
            ElfHeaders headers = ElfHeaders.read(file);
            headers.mayHoldHugePages();
            assertThat(headers.alignment()).isGreaterThanOrEqualTo(0x1000);
            for (LoadSegment segment : headers.segments()) {
                assertThat(segment.memoryBytes()).isBetween(0L, 1L << 47);
                assertThat(segment.virtualAddress() + segment.memoryBytes()).isBetween(0L, 1L << 47);
            }
            return true;
        } catch (MalformedElfException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return false;
        }
    }
}
