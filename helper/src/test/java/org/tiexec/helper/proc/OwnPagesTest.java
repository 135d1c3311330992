package org.tiexec.helper.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.Mapping;

final class OwnPagesTest {
    private static final int FIRST_PAGE = 16;

    @TempDir
    private Path directory = Path.of("");

    /** The entries, from address 0x10000 on. */
    private OwnPages pagemap(long... entries) throws IOException {
        ByteBuffer content =
                ByteBuffer.allocate((FIRST_PAGE + entries.length) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < entries.length; i++) {
            content.putLong((FIRST_PAGE + i) * Long.BYTES, entries[i]);
        }
        return new OwnPages(
                Files.write(directory.resolve("pagemap"), content.array()).toFile());
    }

    private static AddressRange pages(int count) {
        return AddressRange.ofLength(new Address(0x10000), 4096L * count);
    }

    /** As read from real processes: libjvm untouched and after a debugger had set a breakpoint, swapped heap, a move. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "not in memory,                0,                0",
        "of the file,                  a100000000000000, 0",
        "of the file with its frame,   a18000000001234f, 0",
        "soft-dirty of the file,       a080000000000000, 0",
        "a copy,                       8100000000000000, 1",
        "a copy with its frame,        8180000000054321, 1",
        "a copy that is swapped out,   4000000000001f02, 1",
        "of the file and just moving,  6000000000001f02, 0",
    })
    void knowsAPageThatIsNoLongerTheFiles(String what, String entry, long own) throws Exception {
        assertThat(pagemap(Long.parseUnsignedLong(entry, 16)).countIn(pages(1)))
                .as(what)
                .isEqualTo(own);
    }

    @Test
    void countsWithinTheRangeOnly() throws Exception {
        long copy = 0x8100000000000000L;
        OwnPages pages = pagemap(copy, 0, copy, copy);
        assertThat(pages.countIn(pages(4))).isEqualTo(3);
        assertThat(pages.countIn(pages(3))).isEqualTo(2);
        assertThat(pages.countIn(AddressRange.ofLength(new Address(0x11000), 4096)))
                .isZero();
    }

    @Test
    void countsInRangesOfManyBlocks() throws Exception {
        long[] entries = new long[20_000];
        entries[0] = 0x8100000000000000L;
        entries[8_192] = 0x8100000000000000L;
        entries[19_999] = 0x8100000000000000L;
        assertThat(pagemap(entries).countIn(pages(20_000))).isEqualTo(3);
    }

    @Test
    void failsWhereTheKernelDoesNotTell() throws Exception {
        OwnPages pages = pagemap(0);
        assertThatThrownBy(() -> pages.countIn(pages(2))).isInstanceOf(IOException.class);
        OwnPages none = new OwnPages(new File(directory.toFile(), "absent"));
        assertThatThrownBy(() -> none.countIn(pages(1))).isInstanceOf(IOException.class);
    }

    @Test
    void findsTheCodeOfThisJvmUntouchedAndItsDataWrittenTo() throws Exception {
        File root = new File("/");
        int pid = OwnProcess.id(root);
        OwnPages pages = new OwnPages(new File("/proc/self/pagemap"));
        Mapping data = null;
        for (Mapping mapping : new ProcessFiles(root, pid).read().mappings()) {
            if (mapping.isFileCode() && mapping.name().endsWith("/libjvm.so")) {
                assertThat(pages.countIn(mapping.range())).isZero();
            }
            if (mapping.name().endsWith("/libjvm.so") && mapping.protection().write()) {
                data = mapping;
            }
        }
        assertThat(data).isNotNull();
        assertThat(pages.countIn(java.util.Objects.requireNonNull(data).range()))
                .isPositive();
    }
}
