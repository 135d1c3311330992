package org.tiexec.protocol.procfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.tiexec.protocol.procfs.ProcFixtures.range;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.memory.AddressRange;

final class SmapsParserTest {
    private static final AddressRange EVERYTHING = range("0-ffffffffffffffff");
    private static final byte[] HUGE = ProcFixtures.smaps("huge");

    private static final String HEADER = "00400000-00800000 r-xp 00000000 08:02 5      /usr/bin/a";

    private static List<MappedPages> parse(String text) throws ProcFormatException {
        return SmapsParser.parse(text.getBytes(UTF_8), EVERYTHING);
    }

    // ---- real files

    @ParameterizedTest
    @CsvSource({
        // range, kernel page size, THP bytes, bytes on 2 MiB pages, wholly huge
        "10000000-10400000, 2097152, 0,       4194304, true",
        "20000000-20600000, 4096,    6291456, 6291456, true",
        "30000000-30600000, 4096,    4194304, 4194304, false",
        "40000000-40600000, 4096,    0,       0,       false",
    })
    void tellsHugetlbAndWholeAndPartialAndNoTransparentHugePagesApart(
            String range, long kernelPageBytes, long anonHugeBytes, long hugeBytes, boolean whollyHuge)
            throws ProcFormatException {
        List<MappedPages> pages = SmapsParser.parse(HUGE, range(range));
        assertThat(pages).hasSize(1);
        MappedPages entry = pages.get(0);
        assertThat(entry.mapping().range()).isEqualTo(range(range));
        assertThat(entry.kernelPageBytes()).isEqualTo(kernelPageBytes);
        assertThat(entry.anonHugeBytes()).isEqualTo(anonHugeBytes);
        assertThat(entry.filePmdBytes()).isZero();
        assertThat(entry.hugeBytes()).isEqualTo(hugeBytes);
        assertThat(MappedPages.areWhollyHuge(pages, range(range))).isEqualTo(whollyHuge);
    }

    @Test
    void readsTheFlagsOfTheMapping() throws ProcFormatException {
        assertThat(SmapsParser.parse(HUGE, range("10000000-10400000")).get(0).vmFlags())
                .containsExactly("rd", "ex", "mr", "mw", "me", "de", "ht");
        assertThat(SmapsParser.parse(HUGE, range("20000000-20600000")).get(0).vmFlags())
                .contains("hg")
                .doesNotContain("ht", "nh");
    }

    @ParameterizedTest
    @ValueSource(strings = {"huge", "sleep"})
    void hasTheSameMappingsAsMaps(String program) throws ProcFormatException {
        List<Mapping> mappings = SmapsParser.parse(ProcFixtures.smaps(program), EVERYTHING).stream()
                .map(MappedPages::mapping)
                .toList();
        assertThat(mappings).hasSize(program.equals("huge") ? 28 : 37);
        if (program.equals("huge")) {
            assertThat(mappings).isEqualTo(MapsParser.parse(ProcFixtures.maps("huge")));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1000-10000000, 0",
        "1000-10000001, 1",
        "103fffff-10400000, 1",
        "10400000-20000000, 0",
        "10000000-20000001, 2",
        "10200000-30200000, 3",
    })
    void readsOnlyTheEntriesThatOverlap(String interest, int entries) throws ProcFormatException {
        assertThat(SmapsParser.parse(HUGE, range(interest))).hasSize(entries);
    }

    @Test
    void aFileThatIsCutAnywhereEitherParsesOrSaysWhere() {
        for (int length = 0; length < HUGE.length; length += 7) {
            try {
                assertThat(SmapsParser.parse(Arrays.copyOf(HUGE, length), EVERYTHING))
                        .hasSizeLessThanOrEqualTo(28);
            } catch (ProcFormatException e) {
                assertThat(e).hasMessageStartingWith("smaps, line ");
            }
        }
    }

    // ---- single entries

    @Test
    void anEmptyFileHasNoEntries() throws ProcFormatException {
        assertThat(parse("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"})
    void anEntryBeginsWithAnyHexadecimalDigit(String digit) throws ProcFormatException {
        String second = digit + "0000001-" + digit + "0000002 r-xp 0 0:0 0\nKernelPageSize: 2048 kB\n";
        List<MappedPages> pages = parse("00000000-00000001 r-xp 0 0:0 0\nKernelPageSize: 4 kB\n" + second);
        assertThat(pages).extracting(MappedPages::kernelPageBytes).containsExactly(4096L, 2097152L);
    }

    @Test
    void fieldsThatAreMissingCountAsNothing() throws ProcFormatException {
        assertThat(parse(HEADER))
                .containsExactly(
                        new MappedPages(MapsParser.parse(HEADER.getBytes(UTF_8)).get(0), 0, 0, 0, List.of()));
    }

    @Test
    void fieldsOfNewerKernelsAreIgnored() throws ProcFormatException {
        MappedPages entry = parse(HEADER + "\nKernelPageSize:  4 kB\nNews: what is this\nFilePmdMapped: 2048 kB\n"
                        + "AnonHugePages:       2048 kB\nTHPeligible:    1\nVmFlags:   rd  ex \n")
                .get(0);
        assertThat(entry.kernelPageBytes()).isEqualTo(4096);
        assertThat(entry.filePmdBytes()).isEqualTo(2 << 20);
        assertThat(entry.hugeBytes()).isEqualTo(4 << 20);
        assertThat(entry.vmFlags()).containsExactly("rd", "ex");
    }

    static Stream<Arguments> malformedEntries() {
        return Stream.of(
                arguments("KernelPageSize: 4", "smaps, line 3: not a size in kB: KernelPageSize: 4"),
                arguments("KernelPageSize: 4 MB", "smaps, line 3: not a size in kB: KernelPageSize: 4 MB"),
                arguments("KernelPageSize: four kB", "smaps, line 3: not a size in kB: KernelPageSize: four kB"),
                arguments("KernelPageSize: kB", "smaps, line 3: not a size in kB: KernelPageSize: kB"),
                arguments("KernelPageSize:  kB", "smaps, line 3: not a size in kB: KernelPageSize:  kB"),
                arguments("KernelPageSize:", "smaps, line 3: not a size in kB: KernelPageSize:"),
                arguments("AnonHugePages: -4 kB", "smaps, line 3: not a size in kB: AnonHugePages: -4 kB"),
                arguments(
                        "FilePmdMapped: 18446744073709551616 kB",
                        "smaps, line 3: not a size in kB: FilePmdMapped: 18446744073709551616 kB"),
                arguments("00800000-00900000", "smaps, line 3: fewer than five fields"),
                arguments("00800000-00900000 r?xp 0 0:0 0", "smaps, line 3: not a protection of the form rwx: r?xp"),
                arguments("00800000-0090-0000 r-xp 0 0:0 0", "smaps, line 3: no address range"));
    }

    @ParameterizedTest
    @MethodSource("malformedEntries")
    void saysWhichLineIsMalformedAndHow(String line, String message) {
        assertThatThrownBy(() -> parse(HEADER + "\nSize: 4096 kB\n" + line + "\nLocked: 0 kB\n"))
                .isInstanceOf(ProcFormatException.class)
                .hasMessage(message);
    }

    @Test
    void whatIsNotOfInterestIsSkippedUnread() throws ProcFormatException {
        String text = HEADER + "\nKernelPageSize: four kB\n00a00000-00b00000 r-xp 0 0:0 0\nKernelPageSize: 4 kB\n";
        assertThat(SmapsParser.parse(text.getBytes(UTF_8), range("a00000-b00000")))
                .extracting(MappedPages::kernelPageBytes)
                .containsExactly(4096L);
    }
}
