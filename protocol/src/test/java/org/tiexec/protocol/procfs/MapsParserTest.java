package org.tiexec.protocol.procfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.tiexec.protocol.procfs.ProcFixtures.range;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;

final class MapsParserTest {
    private static final String GOOD = "00400000-00452000 r-xp 00001000 08:02 173521      /usr/bin/dbus-daemon";

    private static List<Mapping> parse(String text) throws ProcFormatException {
        return MapsParser.parse(text.getBytes(UTF_8));
    }

    private static Mapping only(String line) throws ProcFormatException {
        List<Mapping> mappings = parse(line);
        assertThat(mappings).hasSize(1);
        return mappings.get(0);
    }

    // ---- real files

    static Stream<Arguments> realPrograms() {
        return Stream.of(
                // program, the file it runs, its code, 2 MiB pages in it, how many lines
                arguments("sleep", "/usr/bin/sleep", 0, 37),
                arguments("bash", "/usr/bin/bash", 0, 43),
                arguments("perl", "/usr/bin/perl", 0, 49),
                arguments("python3", "/root/.pyenv/versions/3.11.7/bin/python3.11", 0, 105),
                arguments("gdb", "/usr/bin/gdb", 2, 349),
                arguments("java", "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", 0, 188),
                arguments("postgres", "/usr/lib/postgresql/15/bin/postgres", 2, 244),
                arguments("node", "/usr/bin/node", 12, 92),
                arguments("cc1plus", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus", 9, 65),
                arguments("etcd", "/usr/bin/etcd", 4, 69),
                arguments("prometheus", "/usr/bin/prometheus", 9, 69),
                arguments("go-static", "/tmp/pb/cap/go-static", 0, 26),
                arguments("static", "/tmp/pb/cap/static", 2, 12),
                arguments("static-pie", "/tmp/pb/cap/static-pie", 2, 12));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("realPrograms")
    void findsTheCodeOfRealProgramsAndItsAlignedInterior(String program, String path, long hugePages, int lines)
            throws ProcFormatException {
        List<Mapping> mappings = MapsParser.parse(ProcFixtures.maps(program));
        assertThat(mappings).hasSize(lines);
        List<Mapping> code = mappings.stream()
                .filter(mapping -> mapping.name().equals(path) && mapping.isReplaceableCode())
                .toList();
        assertThat(code).isNotEmpty();
        assertThat(code).allSatisfy(mapping -> {
            assertThat(mapping.inode()).isPositive();
            assertThat(mapping.device()).isEqualTo("fe:00");
            assertThat(mapping.protection()).isEqualTo(Protection.READ_EXECUTE);
            assertThat(mapping.mapsSameFileAs(code.get(0))).isTrue();
        });
        long found = code.stream()
                .flatMap(mapping -> mapping.range().alignedInterior(PageSize.HUGE).stream())
                .mapToLong(interior -> interior.pages(PageSize.HUGE))
                .max()
                .orElse(0);
        assertThat(found).isEqualTo(hugePages);
    }

    @ParameterizedTest
    @FieldSource("org.tiexec.protocol.procfs.ProcFixtures#PROGRAMS")
    void printsBackExactlyWhatTheKernelPrinted(String program) throws ProcFormatException {
        byte[] original = ProcFixtures.maps(program);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        for (Mapping mapping : MapsParser.parse(original)) {
            printed.writeBytes(line(mapping).getBytes(UTF_8));
        }
        // bytes that are no text were replaced, by the parser and here alike
        assertThat(printed.toString(UTF_8)).isEqualTo(new String(original, UTF_8));
    }

    /** As {@code show_map_vma} in {@code fs/proc/task_mmu.c} does: names start in column 74. */
    private static String line(Mapping mapping) {
        String start = String.format(
                Locale.ROOT,
                "%08x-%08x %s%s %08x %s %d ",
                mapping.range().start().bits(),
                mapping.range().end().bits(),
                mapping.protection(),
                mapping.shared() ? "s" : "p",
                mapping.fileOffset(),
                mapping.device(),
                mapping.inode());
        String name = mapping.name();
        return (name.isEmpty() ? start : start + " ".repeat(Math.max(0, 73 - start.length())) + name) + "\n";
    }

    @ParameterizedTest
    @FieldSource("org.tiexec.protocol.procfs.ProcFixtures#PROGRAMS")
    void realFilesAreSortedAndDoNotOverlap(String program) throws ProcFormatException {
        Address previous = Address.ZERO;
        for (Mapping mapping : MapsParser.parse(ProcFixtures.maps(program))) {
            AddressRange range = mapping.range();
            assertThat(range.start().isBelow(previous)).isFalse();
            assertThat(range.isAligned(PageSize.BASE)).isTrue();
            previous = range.end();
        }
    }

    @Test
    void neverOffersPseudoMappingsOrForeignMemoryAsCode() throws ProcFormatException {
        for (String program : ProcFixtures.PROGRAMS) {
            for (Mapping mapping : MapsParser.parse(ProcFixtures.maps(program))) {
                if (mapping.isReplaceableCode() && !program.equals("huge")) {
                    assertThat(mapping.name()).as(program).startsWith("/");
                }
            }
        }
        Mapping vdso = named("static", "[vdso]");
        assertThat(vdso.protection()).isEqualTo(Protection.READ_EXECUTE);
        assertThat(vdso.isReplaceableCode()).isFalse();
        assertThat(named("static", "[vsyscall]").isReplaceableCode()).isFalse();
        assertThat(named("static", "[vsyscall]").range()).isEqualTo(range("ffffffffff600000-ffffffffff601000"));
        assertThat(named("static", "[stack]").isReplaceableCode()).isFalse();
    }

    private static Mapping named(String program, String name) throws ProcFormatException {
        return MapsParser.parse(ProcFixtures.maps(program)).stream()
                .filter(mapping -> mapping.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void keepsTheOddNamesThatARealKernelPrints() throws ProcFormatException {
        List<String> names = MapsParser.parse(ProcFixtures.maps("weird")).stream()
                .filter(Mapping::isReplaceableCode)
                .map(Mapping::name)
                .filter(name -> name.startsWith("/tmp/pb/cap/wd/"))
                .map(name -> name.substring("/tmp/pb/cap/wd/".length()))
                .toList();
        assertThat(names).hasSize(9);
        assertThat(names.get(0)).hasSize(3825).endsWith("ddd/bottom");
        assertThat(names.subList(1, 9))
                .containsExactly(
                        "7f0000000000-7f0000001000 r-xp 00000000 08:01 5 x",
                        "utf8 \u00e9\u20ac\ud83d\udc0c",
                        "latin1 \ufffd\ufffd",
                        "back\\slash \\012",
                        "line\\012break",
                        "only pretends (deleted)",
                        "gone (deleted)",
                        "name with  spaces ");
    }

    @Test
    void readsSharedMemoryOfARealPostgres() throws ProcFormatException {
        List<Mapping> shared = MapsParser.parse(ProcFixtures.maps("postgres")).stream()
                .filter(Mapping::shared)
                .toList();
        assertThat(shared)
                .extracting(Mapping::name)
                .contains("/dev/zero (deleted)", "/dev/shm/PostgreSQL.2835792518", "/SYSV0010c015 (deleted)");
        assertThat(shared).noneMatch(Mapping::isReplaceableCode);
    }

    // ---- single lines

    @Test
    void readsEveryField() throws ProcFormatException {
        assertThat(only(GOOD))
                .isEqualTo(new Mapping(
                        range("400000-452000"),
                        Protection.READ_EXECUTE,
                        false,
                        0x1000,
                        "08:02",
                        173521,
                        "/usr/bin/dbus-daemon"));
    }

    static Stream<Arguments> names() {
        String start = "00400000-00452000 r-xp 00000000 08:02 5";
        String longName = "/" + "n".repeat(3999);
        return Stream.of(
                arguments(start, ""),
                arguments(start + " ", ""),
                arguments(start + "          ", ""),
                arguments(start + " /a", "/a"),
                arguments(start + "                    /a b  c", "/a b  c"),
                arguments(start + " /a ", "/a "),
                arguments(start + " /a (deleted)", "/a (deleted)"),
                arguments(start + " /a (deleted) (deleted)", "/a (deleted) (deleted)"),
                arguments(start + " /a\\012b", "/a\\012b"),
                arguments(start + " /a\tb\rc\u0000d", "/a\tb\rc\u0000d"),
                arguments(start + " [anon:a name of its own]", "[anon:a name of its own]"),
                arguments(start + " [heap]", "[heap]"),
                arguments(start + " -", "-"),
                arguments(start + " " + longName, longName));
    }

    @ParameterizedTest
    @MethodSource("names")
    void takesTheRestOfTheLineForTheName(String line, String name) throws ProcFormatException {
        assertThat(only(line).name()).isEqualTo(name);
        assertThat(only(line + "\n").name()).isEqualTo(name);
    }

    @Test
    void replacesBytesThatAreNoText() throws ProcFormatException {
        byte[] line = (GOOD + "\u00e9\u00ff").getBytes(ISO_8859_1);
        assertThat(MapsParser.parse(line).get(0).name()).isEqualTo("/usr/bin/dbus-daemon\ufffd\ufffd");
    }

    @Test
    void anEmptyFileHasNoMappings() throws ProcFormatException {
        assertThat(parse("")).isEmpty();
    }

    @Test
    void theLastLineNeedsNoNewline() throws ProcFormatException {
        assertThat(parse(GOOD + "\n" + GOOD)).isEqualTo(parse(GOOD + "\n" + GOOD + "\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "0-1 r--p 0 0:0 0, 0, 1, r--, false, 0",
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0, ffffffffff600000, ffffffffff601000, --x, false, 0",
        "7fffffffe000-ffffffffffffffff rwxs ffffffffffffffff 103:0a 18446744073709551615, 7fffffffe000,"
                + "ffffffffffffffff, rwx, true, ffffffffffffffff",
    })
    void readsNumbersOfAnyWidth(
            String line, String start, String end, String protection, boolean shared, String fileOffset)
            throws ProcFormatException {
        Mapping mapping = only(line);
        assertThat(mapping.range()).isEqualTo(range(start + "-" + end));
        assertThat(mapping.protection()).hasToString(protection);
        assertThat(mapping.shared()).isEqualTo(shared);
        assertThat(mapping.fileOffset()).isEqualTo(Long.parseUnsignedLong(fileOffset, 16));
    }

    static Stream<Arguments> malformedLines() {
        return Stream.of(
                arguments("", "fewer than five fields"),
                arguments(" ", "fewer than five fields"),
                arguments("garbage", "fewer than five fields"),
                arguments("00400000-00452000", "fewer than five fields"),
                arguments("00400000-00452000 r-xp 00000000 08:02", "fewer than five fields"),
                arguments("00400000 r-xp 00000000 08:02 5", "no address range"),
                arguments("00400000 r-xp 00000000 08:02 5 a-b", "no address range"),
                arguments("-00452000 r-xp 00000000 08:02 5", "not a hexadecimal number: "),
                arguments("00400000- r-xp 00000000 08:02 5", "not a hexadecimal number: "),
                arguments("0040000g-00452000 r-xp 00000000 08:02 5", "not a hexadecimal number: 0040000g"),
                arguments("0x400000-00452000 r-xp 00000000 08:02 5", "not a hexadecimal number: 0x400000"),
                arguments("00400000--0452000 r-xp 00000000 08:02 5", "not a hexadecimal number: -0452000"),
                arguments("00400000-10000000000000000 r-xp 0 08:02 5", "not a hexadecimal number: 10000000000000000"),
                arguments("00452000-00400000 r-xp 00000000 08:02 5", "empty or inverted range 0x452000-0x400000"),
                arguments("00400000-00400000 r-xp 00000000 08:02 5", "empty or inverted range 0x400000-0x400000"),
                arguments("00400000-00452000 r-x 00000000 08:02 5", "not a permission field: r-x"),
                arguments("00400000-00452000 r-xpp 00000000 08:02 5", "not a permission field: r-xpp"),
                arguments("00400000-00452000 r-xm 00000000 08:02 5", "not a permission field: r-xm"),
                arguments("00400000-00452000  r-xp 00000000 08:02 5", "not a permission field: "),
                arguments("00400000-00452000 x-rp 00000000 08:02 5", "not a protection of the form rwx: x-rp"),
                arguments("00400000-00452000 r-xp zero 08:02 5", "not a hexadecimal number: zero"),
                arguments("00400000-00452000 r-xp  08:02 5", "not a hexadecimal number: "),
                arguments("00400000-00452000 r-xp 00000000 08:02 five", "not a decimal number: five"),
                arguments("00400000-00452000 r-xp 00000000 08:02 -5", "not a decimal number: -5"),
                arguments("00400000-00452000 r-xp 00000000 08:02  5", "not a decimal number: "),
                arguments(
                        "00400000-00452000 r-xp 00000000 08:02 18446744073709551616",
                        "not a decimal number: 18446744073709551616"),
                arguments("\u0000", "fewer than five fields"));
    }

    @ParameterizedTest
    @MethodSource("malformedLines")
    void saysWhichLineIsMalformedAndHow(String line, String reason) {
        assertThatThrownBy(() -> parse(GOOD + "\n" + GOOD + "\n" + line + "\n" + GOOD + "\n"))
                .isInstanceOf(ProcFormatException.class)
                .hasMessage("maps, line 3: " + reason);
    }

    @Test
    void refusesAFileOfMoreLinesThanAnyProcessHas() {
        byte[] line = "0-1 r--p 0 0:0 0\n".getBytes(UTF_8);
        byte[] text = new byte[line.length * (MapsParser.MAX_LINES + 1)];
        for (int at = 0; at < text.length; at += line.length) {
            System.arraycopy(line, 0, text, at, line.length);
        }
        assertThatThrownBy(() -> MapsParser.parse(text))
                .isInstanceOf(ProcFormatException.class)
                .hasMessage("maps, line 1048577: too many lines");
    }

    @Test
    void aFileThatIsCutAnywhereEitherParsesOrSaysWhere() {
        byte[] text = ProcFixtures.maps("static");
        for (int length = 0; length < text.length; length++) {
            byte[] cut = Arrays.copyOf(text, length);
            try {
                assertThat(MapsParser.parse(cut)).hasSizeLessThanOrEqualTo(12);
            } catch (ProcFormatException e) {
                assertThat(e).hasMessageStartingWith("maps, line ");
            }
        }
    }

    // ---- what a mapping says of itself

    @ParameterizedTest
    @CsvSource({
        "r-xp, 08:02, 5, true",
        "r-xs, 08:02, 5, false",
        "r-xp, 00:00, 0, false",
        "rwxp, 08:02, 5, false",
        "r--p, 08:02, 5, false",
        "--xp, 08:02, 5, false",
        "-wxp, 08:02, 5, false",
        "---p, 08:02, 5, false",
    })
    void onlyPrivateReadOnlyFileCodeIsReplaceable(String permissions, String device, long inode, boolean replaceable)
            throws ProcFormatException {
        Mapping mapping = only("400000-452000 " + permissions + " 0 " + device + " " + inode);
        assertThat(mapping.isReplaceableCode()).isEqualTo(replaceable);
    }

    @ParameterizedTest
    @CsvSource({
        "08:02, 5, /a, true",
        "08:02, 5, /another name, true",
        "08:02, 6, /a, false",
        "08:03, 5, /a, false",
        "00:00, 0, /a, false",
    })
    void theSameFileIsTheSameDeviceAndInode(String device, long inode, String name, boolean same)
            throws ProcFormatException {
        Mapping file = only("400000-452000 r-xp 0 08:02 5 /a");
        Mapping other = only("500000-552000 r--p 0 " + device + " " + inode + " " + name);
        assertThat(file.mapsSameFileAs(other)).isEqualTo(same);
        assertThat(other.mapsSameFileAs(file)).isEqualTo(same);
    }

    @Test
    void anonymousMemoryIsNoFile() throws ProcFormatException {
        Mapping anonymous = only("400000-452000 rw-p 0 00:00 0");
        assertThat(anonymous.mapsSameFileAs(anonymous)).isFalse();
    }
}
