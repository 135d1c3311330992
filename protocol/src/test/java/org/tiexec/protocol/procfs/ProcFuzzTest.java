package org.tiexec.protocol.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tiexec.protocol.procfs.ProcFixtures.range;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.Fuzz;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.outcome.PageCounts;

/** Whatever a proc file holds, reading it ends in a value or in a ProcFormatException. */
final class ProcFuzzTest {
    private static final int INPUTS = Fuzz.inputs(20_000);

    private static final List<String> TOKENS = List.of(
            "-",
            " ",
            "\n",
            "\n\n",
            "r-xp",
            "rwxs",
            "---p",
            "00:00",
            "0",
            "ffffffffffffffff",
            "10000000000000000",
            "8000000000000000",
            "-1",
            "+1",
            "0x",
            "g",
            "\t",
            "\r",
            "\u0000",
            "\ufffd",
            "\u0661",
            " (deleted)",
            "[stack]",
            "/",
            "KernelPageSize:",
            " kB",
            "AnonHugePages:",
            "VmFlags:",
            "18446744073709551615 kB");

    @Test
    void anyMapsFileIsReadOrRefused() {
        Fuzz fuzz = new Fuzz(
                List.of(ProcFixtures.maps("static"), ProcFixtures.maps("go-static"), ProcFixtures.maps("weird")),
                TOKENS);
        Fuzz.corpus("maps.txt").forEach(text -> fuzz.tries(text, ProcFuzzTest::isMaps));
        int accepted = 0;
        for (int i = 0; i < INPUTS; i++) {
            accepted += fuzz.tries(fuzz.next(), ProcFuzzTest::isMaps) ? 1 : 0;
        }
        assertThat(accepted).isBetween(INPUTS / 100, INPUTS - 1);
    }

    private static boolean isMaps(byte[] text) {
        try {
            for (Mapping mapping : MapsParser.parse(text)) {
                assertThat(mapping.range().start().isBelow(mapping.range().end()))
                        .isTrue();
            }
            return true;
        } catch (ProcFormatException e) {
            assertThat(e.getMessage()).startsWith("maps, line ");
            return false;
        }
    }

    @Test
    void anySmapsFileIsReadOrRefused() {
        byte[] huge = ProcFixtures.smaps("huge");
        Fuzz fuzz = new Fuzz(List.of(Arrays.copyOf(huge, 4000), Arrays.copyOf(huge, 1500)), TOKENS);
        Fuzz.corpus("smaps.txt").forEach(text -> fuzz.tries(text, ProcFuzzTest::isSmaps));
        int accepted = 0;
        for (int i = 0; i < INPUTS; i++) {
            accepted += fuzz.tries(fuzz.next(), ProcFuzzTest::isSmaps) ? 1 : 0;
        }
        assertThat(accepted).isBetween(INPUTS / 100, INPUTS);
    }

    private static boolean isSmaps(byte[] text) {
        AddressRange region = range("10000000-10400000");
        try {
            List<MappedPages> pages = SmapsParser.parse(text, region);
            MappedPages.areWhollyHuge(pages, region);
            PageCounts.of(pages, region);
            return true;
        } catch (ProcFormatException e) {
            assertThat(e.getMessage()).startsWith("smaps, line ");
            return false;
        }
    }

    @Test
    void anyAuxiliaryVectorIsReadToItsEnd() {
        Fuzz fuzz = new Fuzz(List.of(ProcFixtures.auxv("static"), ProcFixtures.auxv("node"), new byte[0]), TOKENS);
        for (int i = 0; i < INPUTS; i++) {
            fuzz.tries(fuzz.next(), bytes -> {
                AuxiliaryVector vector = new AuxiliaryVector(bytes);
                boolean anchored = vector.programHeaders().isPresent();
                return vector.entryPoint().isPresent() && anchored;
            });
        }
    }
}
