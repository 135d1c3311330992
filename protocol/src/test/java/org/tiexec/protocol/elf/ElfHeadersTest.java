package org.tiexec.protocol.elf;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.tiexec.protocol.elf.ElfImage.ENTRY;
import static org.tiexec.protocol.elf.ElfImage.HEADER;
import static org.tiexec.protocol.elf.ElfImage.PT_INTERP;
import static org.tiexec.protocol.elf.ElfImage.R;
import static org.tiexec.protocol.elf.ElfImage.RW;
import static org.tiexec.protocol.elf.ElfImage.RWX;
import static org.tiexec.protocol.elf.ElfImage.RX;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

final class ElfHeadersTest {
    private static final int ET_REL = 1;
    private static final int ET_DYN = 3;
    private static final int ET_CORE = 4;
    private static final long LIMIT = 1L << 47;

    @TempDir
    private Path directory;

    private ElfHeaders read(ElfImage image) throws IOException, MalformedElfException {
        return ElfImage.read(directory, image.bytes());
    }

    private static ElfImage small() {
        return new ElfImage()
                .entry(PT_INTERP, R, 0x318, 0x400318, 28, 28, 1)
                .load(R, 0, 0x400000, 0x1000, 0x1000, 0x1000)
                .load(RX, 0x1000, 0x401000, 0x2000, 0x2000, 0x1000)
                .load(RW, 0x3000, 0x403000, 0x100, 0x8000, 0x1000);
    }

    // ---- good files

    @Test
    void readsTheLoadSegmentsInFileOrder() throws IOException, MalformedElfException {
        ElfHeaders headers = read(small());
        assertThat(headers.is64Bit()).isTrue();
        assertThat(headers.machine()).isEqualTo(ElfHeaders.EM_X86_64);
        assertThat(headers.positionIndependent()).isFalse();
        assertThat(headers.dynamic()).isTrue();
        assertThat(headers.segments())
                .containsExactly(
                        new LoadSegment(Protection.READ, 0, 0x400000, 0x1000, 0x1000, 0x1000),
                        new LoadSegment(Protection.READ_EXECUTE, 0x1000, 0x401000, 0x2000, 0x2000, 0x1000),
                        new LoadSegment(Protection.READ_WRITE, 0x3000, 0x403000, 0x100, 0x8000, 0x1000));
        assertThat(headers.alignment()).isEqualTo(0x1000);
    }

    @Test
    void readsTheTableWhereverItIs() throws IOException, MalformedElfException {
        byte[] image = small().tableOffset(HEADER + ENTRY).declaredEntries(3).bytes();
        ElfHeaders headers = ElfImage.read(directory, image);
        assertThat(headers.dynamic()).isFalse();
        assertThat(headers.segments()).hasSize(3);
    }

    @Test
    void aFileWithoutAnInterpreterIsStatic() throws IOException, MalformedElfException {
        ElfHeaders headers = read(new ElfImage().type(ET_DYN).load(RX, 0, 0, 0x2000, 0x2000, 0x1000));
        assertThat(headers.dynamic()).isFalse();
        assertThat(headers.positionIndependent()).isTrue();
    }

    @Test
    void knowsTheMachine() throws IOException, MalformedElfException {
        assertThat(read(small().machine(183)).machine()).isEqualTo(183);
        assertThat(read(small().machine(0xffff)).machine()).isEqualTo(0xffff);
    }

    @Test
    void says32BitWithoutReadingFurther() throws IOException, MalformedElfException {
        ElfHeaders headers = read(small().ident(4, 1).machine(3).entryBytes(32));
        assertThat(headers.is64Bit()).isFalse();
        assertThat(headers.machine()).isEqualTo(3);
        assertThat(headers.positionIndependent()).isFalse();
        assertThat(read(small().ident(4, 1).type(ET_DYN)).positionIndependent()).isTrue();
        assertThat(headers.segments()).isEmpty();
        assertThat(headers.mayHoldHugePages()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/true", "/bin/sh", "/proc/self/exe"})
    void readsRealPrograms(String program) throws IOException, MalformedElfException {
        Path file = Path.of(program);
        assumeThat(file).as("this machine has no " + program).exists();
        ElfHeaders headers = ElfImage.read(file);
        assertThat(headers.is64Bit()).isTrue();
        assertThat(headers.segments()).extracting(LoadSegment::protection).contains(Protection.READ_EXECUTE);
        assertThat(headers.mayHoldHugePages()).isFalse();
    }

    // ---- bad files

    @Test
    void saysThatAFileIsTruncatedWhereverItIsCut() {
        byte[] image = small().bytes();
        assertThat(image).hasSize(HEADER + 4 * ENTRY);
        for (int length = 0; length < image.length; length++) {
            byte[] cut = Arrays.copyOf(image, length);
            assertThatThrownBy(() -> ElfImage.read(directory, cut))
                    .as(length + " bytes")
                    .isInstanceOf(MalformedElfException.class)
                    .hasMessage(
                            length < HEADER
                                    ? "truncated: ELF header incomplete"
                                    : "truncated: program headers incomplete");
        }
    }

    static Stream<Arguments> badHeaders() {
        String noElf = "not an ELF file";
        String order = "not a little-endian ELF file";
        String table = "no usable program headers";
        String cut = "truncated: program headers incomplete";
        return Stream.of(
                arguments("magic 0", small().ident(0, 0), noElf),
                arguments("magic 1", small().ident(1, 'e'), noElf),
                arguments("magic 2", small().ident(2, 0), noElf),
                arguments("magic 3", small().ident(3, 0), noElf),
                arguments("big-endian", small().ident(5, 2), order),
                arguments("no byte order", small().ident(5, 0), order),
                arguments("no class", small().ident(4, 0), order),
                arguments("class 3", small().ident(4, 3), order),
                arguments("object file", small().type(ET_REL), "not an executable (ELF type 1)"),
                arguments("core file", small().type(ET_CORE), "not an executable (ELF type 4)"),
                arguments("type 65535", small().type(0xffff), "not an executable (ELF type 65535)"),
                arguments("no entries", small().declaredEntries(0), table),
                arguments("more entries than the file holds", small().declaredEntries(5), cut),
                arguments("a table as large as allowed", small().declaredEntries(1170), cut),
                arguments("a table larger than 64 KiB", small().declaredEntries(1171), table),
                arguments("65,535 entries", small().declaredEntries(0xffff), table),
                arguments("short entries", small().entryBytes(32), table),
                arguments("entries of no size", small().entryBytes(0), table),
                arguments("long entries", small().entryBytes(0xffff), table),
                arguments("table beyond the end", small().tableOffset(4096), cut),
                arguments("table far beyond the end", small().tableOffset(LIMIT), cut),
                arguments("negative table offset", small().tableOffset(-1), "truncated: no program headers"),
                arguments(
                        "very negative table offset",
                        small().tableOffset(Long.MIN_VALUE),
                        "truncated: no program headers"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badHeaders")
    void saysWhatIsWrongWithAHeader(String what, ElfImage image, String reason) {
        assertThatThrownBy(() -> read(image))
                .as(what)
                .isInstanceOf(MalformedElfException.class)
                .hasMessage(reason);
    }

    @Test
    void aTableOffsetAtTheEndOfTheNumbersIsNoWayOut() {
        for (long offset : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE - 4 * ENTRY}) {
            assertThatThrownBy(() -> read(small().tableOffset(offset)))
                    .isInstanceOf(MalformedElfException.class)
                    .hasMessageStartingWith("truncated: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "#", "#!/bin/sh\n", "\u007fELF", "MZ"})
    void saysThatOtherFilesAreNoElfFiles(String content) {
        assertThatThrownBy(() -> ElfImage.read(directory, content.getBytes(US_ASCII)))
                .isInstanceOf(MalformedElfException.class)
                .hasMessage("truncated: ELF header incomplete");
        String padded = content + " ".repeat(100);
        assertThatThrownBy(() -> ElfImage.read(directory, padded.getBytes(US_ASCII)))
                .isInstanceOf(MalformedElfException.class)
                .hasMessageStartingWith("not a");
    }

    static Stream<Arguments> badSegments() {
        return Stream.of(
                arguments("negative address", 0, -0x1000L, 0x1000, 0x1000, 0x1000),
                arguments("the most negative address", 0, Long.MIN_VALUE, 0x1000, 0x1000, 0x1000),
                arguments("address in the kernel", 0, LIMIT, 0x1000, 0x1000, 0x1000),
                arguments("end in the kernel", 0, LIMIT - 0x1000, 0x1000, 0x2000, 0x1000),
                arguments("end at the limit", 0, LIMIT - 0x1000, 0x1000, 0x1000, 0x1000),
                arguments("negative memory size", 0, 0x400000, 0, -1, 0x1000),
                arguments("the largest memory size", 0, 0x400000, 0, Long.MAX_VALUE, 0x1000),
                arguments("sum that overflows", 0, Long.MAX_VALUE, 0, Long.MAX_VALUE, 0x1000),
                arguments("sum that wraps to something small", 0, -0x1000L, 0, 0x2000, 0x1000),
                arguments("negative file size", 0, 0x400000, -1, 0x1000, 0x1000),
                arguments("more file than memory", 0, 0x400000, 0x2000, 0x1000, 0x1000),
                arguments("negative file offset", -0x1000, 0x400000, 0x1000, 0x1000, 0x1000),
                arguments("alignment that is no power of two", 0, 0x400000, 0x1000, 0x1000, 0x1800),
                arguments("negative alignment", 0, 0x400000, 0x1000, 0x1000, Long.MIN_VALUE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badSegments")
    void refusesSegmentsOutsideTheAddressSpace(
            String what, long offset, long address, long fileBytes, long memoryBytes, long alignment) {
        assertThatThrownBy(() -> read(new ElfImage().load(RX, offset, address, fileBytes, memoryBytes, alignment)))
                .as(what)
                .isInstanceOf(MalformedElfException.class)
                .hasMessage("a load segment lies outside the address space");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, 0",
        "0, 0, 0, 0, 1",
        "0x7fffffffffffffff, 0x400000, 0x1000, 0x1000, 0x1000",
        "0, 0x7fffffffe000, 0x1000, 0x1fff, 0x200000",
        "0, 0x400000, 0x1000, 0x1000, 0x4000000000000000",
    })
    void takesSegmentsThatAreOddButInside(
            String offset, String address, String fileBytes, String memoryBytes, String alignment)
            throws IOException, MalformedElfException {
        ElfHeaders headers = read(new ElfImage()
                .load(
                        RX,
                        Long.decode(offset),
                        Long.decode(address),
                        Long.decode(fileBytes),
                        Long.decode(memoryBytes),
                        Long.decode(alignment)));
        assertThat(headers.segments()).hasSize(1);
    }

    @Test
    void otherEntriesAreNotJudged() throws IOException, MalformedElfException {
        assertThat(read(small().entry(0x6474e551, RW, -1, -1, -1, -1, 16)).segments())
                .hasSize(3);
    }

    // ---- may a program gain?

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // what, PIE, flags, address, file bytes, alignment, may gain
        "non-PIE with an aligned interior,         false, 5, 0x401000,   0x400000, 0x1000,   true",
        "the design's first vector,                false, 5, 0x5ff000,   0x611000, 0x1000,   true",
        "non-PIE of exactly one huge page,         false, 5, 0x600000,   0x200000, 0x1000,   true",
        "non-PIE of 2 MiB across a boundary,       false, 5, 0x601000,   0x200000, 0x1000,   false",
        "non-PIE of almost 4 MiB off the boundary, false, 5, 0x401000,   0x3fe000, 0x1000,   false",
        "non-PIE rounded out to its pages,         false, 5, 0x400800,   0x1ff801, 0x1000,   true",
        "small non-PIE,                            false, 5, 0x401000,   0x2000,   0x1000,   false",
        "PIE of 2 MiB somewhere,                   true,  5, 0x1000,     0x200000, 0x1000,   true",
        "PIE of almost 2 MiB,                      true,  5, 0x1000,     0x1ff000, 0x1000,   false",
        "PIE of just more than 511 pages,          true,  5, 0x1000,     0x1ff001, 0x1000,   true",
        "PIE aligned to 64 KiB,                    true,  5, 0x10000,    0x200000, 0x10000,  true",
        "2 MiB-aligned PIE across a boundary,      true,  5, 0x1000,     0x200000, 0x200000, false",
        "2 MiB-aligned PIE with an interior,       true,  5, 0x1000,     0x400000, 0x200000, true",
        "1 GiB-aligned PIE with an interior,       true,  5, 0x200000,   0x200000, 0x40000000, true",
        "large but not executable,                 false, 4, 0x400000,   0x800000, 0x1000,   false",
        "large but writable,                       false, 7, 0x400000,   0x800000, 0x1000,   false",
        "large but unreadable,                     false, 1, 0x400000,   0x800000, 0x1000,   false",
        "nothing of it in the file,                false, 5, 0x400000,   0,        0x1000,   false",
    })
    void mayHoldHugePagesWhereAnAlignedStretchFits(
            String what, boolean pie, int flags, String address, String fileBytes, String alignment, boolean expected)
            throws IOException, MalformedElfException {
        ElfHeaders headers = read(new ElfImage()
                .type(pie ? ET_DYN : 2)
                .load(R, 0, 0, 0x1000, 0x1000, 0x1000)
                .load(
                        flags,
                        0x1000,
                        Long.decode(address),
                        Long.decode(fileBytes),
                        Long.decode(fileBytes) + 0x1000000,
                        Long.decode(alignment)));
        assertThat(headers.mayHoldHugePages()).as(what).isEqualTo(expected);
    }

    @Test
    void oneLargeSegmentOfSeveralIsEnough() throws IOException, MalformedElfException {
        ElfImage image = small().load(RWX, 0x4000, 0x800000, 0x800000, 0x800000, 0x1000);
        assertThat(read(image).mayHoldHugePages()).isFalse();
        image.load(RX, 0x804000, 0x2000000, 0x800000, 0x800000, 0x1000);
        assertThat(read(image).mayHoldHugePages()).isTrue();
    }

    @Test
    void alignsTheLoadAddressToTheLargestAlignment() throws IOException, MalformedElfException {
        ElfHeaders headers = read(
                new ElfImage().load(R, 0, 0, 0x1000, 0x1000, 0x200000).load(RX, 0x1000, 0x1000, 0x1000, 0x1000, 1));
        assertThat(headers.alignment()).isEqualTo(0x200000);
        assertThat(read(new ElfImage().load(RX, 0, 0, 1, 1, 0)).alignment()).isEqualTo(0x1000);
    }

    // ---- one segment

    @ParameterizedTest
    @CsvSource({
        // bias, address, file bytes, mapped
        "0x0,            0x401000, 0x2000, 0x401000, 0x403000",
        "0x0,            0x401234, 0x1,    0x401000, 0x402000",
        "0x0,            0x401fff, 0x2,    0x401000, 0x403000",
        "0x555555554000, 0x1000,   0x1001, 0x555555555000, 0x555555557000",
    })
    void aSegmentMapsWholePages(String bias, String address, String fileBytes, String start, String end) {
        LoadSegment segment = new LoadSegment(
                Protection.READ_EXECUTE, 0, Long.decode(address), Long.decode(fileBytes), 0x10000, 0x1000);
        assertThat(segment.mappedFileRange(Long.decode(bias)))
                .isEqualTo(new AddressRange(Address.parse(start), Address.parse(end)));
    }
}
