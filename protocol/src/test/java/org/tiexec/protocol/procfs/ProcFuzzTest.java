package org.tiexec.protocol.procfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.tiexec.protocol.procfs.ProcFixtures.range;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.Fuzz;
import org.tiexec.protocol.memory.AddressRange;

/** Whatever a proc file holds, reading it ends in a value or in a ProcFormatException. */
final class ProcFuzzTest {
    private static final int INPUTS = 20_000;

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
        int accepted = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] text = fuzz.next();
            try {
                for (Mapping mapping : MapsParser.parse(text)) {
                    assertThat(mapping.range().start().isBelow(mapping.range().end()))
                            .isTrue();
                }
                accepted++;
            } catch (ProcFormatException e) {
                assertThat(e.getMessage()).startsWith("maps, line ");
            } catch (RuntimeException e) {
                fail(fuzz.seed() + " gives " + new String(text, ISO_8859_1), e);
            }
        }
        assertThat(accepted).isBetween(INPUTS / 100, INPUTS - 1);
    }

    @Test
    void anySmapsFileIsReadOrRefused() {
        byte[] huge = ProcFixtures.smaps("huge");
        Fuzz fuzz = new Fuzz(List.of(Arrays.copyOf(huge, 4000), Arrays.copyOf(huge, 1500)), TOKENS);
        AddressRange region = range("10000000-10400000");
        int accepted = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] text = fuzz.next();
            try {
                List<MappedPages> pages = SmapsParser.parse(text, region);
                MappedPages.areWhollyHuge(pages, region);
                accepted++;
            } catch (ProcFormatException e) {
                assertThat(e.getMessage()).startsWith("smaps, line ");
            } catch (RuntimeException e) {
                fail(fuzz.seed() + " gives " + new String(text, ISO_8859_1), e);
            }
        }
        assertThat(accepted).isBetween(INPUTS / 100, INPUTS);
    }
}
