package org.tiexec.helper.strategy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.plan.Widening;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

final class AggressiveTest {
    private static final int INPUTS = Boolean.getBoolean("tiexec.soak") ? 1_000_000 : 20_000;
    private static final RegionStrategy AGGRESSIVE = Strategies.named(StrategyName.AGGRESSIVE);
    private static final List<Protection> PROTECTIONS = List.of(
            Protection.READ,
            Protection.READ,
            Protection.READ_EXECUTE,
            Protection.READ_WRITE,
            Protection.NONE,
            new Protection(true, true, true),
            new Protection(false, false, true));

    private static List<Mapping> mappings(String maps) throws ProcFormatException {
        return MapsParser.parse(maps.getBytes(UTF_8));
    }

    private static Mapping code(List<Mapping> mappings) {
        return mappings.stream().filter(Mapping::isReplaceableCode).findFirst().orElseThrow();
    }

    private static String chosen(String maps) throws ProcFormatException {
        List<Mapping> mappings = mappings(maps);
        return AGGRESSIVE
                .choose(code(mappings), mappings)
                .map(AddressRange::toString)
                .orElse("nothing");
    }

    @Test
    void roundsTheFirstVectorToFivePages() throws Exception {
        String maps = """
                5ff000-c10000 r-xp 001ff000 08:01 7 /bin/x
                e00000-e01000 rw-p 00810000 08:01 7 /bin/x
                """;
        assertThat(chosen(maps)).isEqualTo("0x400000-0xe00000");
        assertThat(new Conservative().choose(code(mappings(maps)), mappings(maps)))
                .hasToString("Optional[0x600000-0xc00000]");
    }

    @Test
    void roundsTheSecondVectorToFortyTwoPages() throws Exception {
        String maps = """
                400000-579a000 r-xp 00000000 08:01 7 /bin/tidb-server
                5999000-59fe000 rw-p 05599000 08:01 7 /bin/tidb-server
                """;
        assertThat(chosen(maps)).isEqualTo("0x400000-0x5800000");
        assertThat(new AddressRange(new Address(0x400000), new Address(0x5800000)).pages(PageSize.HUGE))
                .isEqualTo(42);
        assertThat(new Conservative()
                        .choose(code(mappings(maps)), mappings(maps))
                        .orElseThrow()
                        .pages(PageSize.HUGE))
                .isEqualTo(41);
    }

    @Test
    void takesReadOnlyPartsOfTheSameFileOnBothSides() throws Exception {
        List<Mapping> mappings = mappings("""
                400000-402000 r--p 00000000 08:01 7 /bin/x
                402000-1923000 r-xp 00002000 08:01 7 /bin/x
                1923000-2100000 r--p 01523000 08:01 7 /bin/x
                2100000-2200000 rw-p 01d00000 08:01 7 /bin/x
                """);
        AddressRange range = AGGRESSIVE.choose(code(mappings), mappings).orElseThrow();
        assertThat(range).hasToString("0x400000-0x1a00000");
        assertThat(Widening.of(range, code(mappings), mappings).orElseThrow())
                .hasToString("[0x400000-0x402000 r--, 0x1923000-0x1a00000 r--]");
    }

    /** What lies in the last 2 MB of the code, or behind it, and where the region then ends. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a00000-a10000 r--p 00700000 08:01 7 /bin/x         | 0x800000",
                "780000-790000 r--p 00700000 08:01 7 /bin/x         | 0x600000",
                "7f0000-810000 r--p 00700000 08:01 7 /bin/x         | 0x800000",
                "a00000-a10000 rw-p 00700000 08:01 7 /bin/x         | 0x800000",
                "a00000-a10000 rw-s 00700000 08:01 7 /bin/x         | 0x800000",
                "7ff000-810000 rw-p 00700000 08:01 7 /bin/x         | 0x600000",
                "7ff000-810000 r--s 00700000 08:01 7 /bin/x         | 0x600000",
                "7ff000-810000 r--p 00700000 08:01 8 /bin/other     | 0x600000",
                "7ff000-810000 r--p 00700000 08:02 7 /bin/other     | 0x600000",
                "7ff000-810000 r--p 00000000 00:00 0                | 0x600000",
                "7ff000-810000 r-xp 00700000 08:01 7 /bin/x         | 0x600000",
                "7ff000-810000 ---p 00700000 08:01 7 /bin/x         | 0x600000",
                "7ff000-810000 r--p 00000000 00:0f 7 /anon_hugepage (deleted) | 0x600000",
                // the heap or a stack may come into a gap below another mapping, or the same file mapped anew
                "a00000-a10000 rw-p 00000000 00:00 0 [heap]         | 0x600000",
                "a00000-a10000 rw-p 00000000 00:00 0 [stack]        | 0x600000",
                "a00000-a10000 rw-p 00000000 00:00 0                | 0x600000",
                "a00000-a10000 r--p 00700000 08:01 8 /bin/other     | 0x600000",
                "a00000-a10000 r--p 00000000 08:01 7 /bin/x         | 0x600000",
            })
    void roundsItsEndOnlyOverWhatNobodyElseNeeds(String behind, String end) throws Exception {
        assertThat(chosen("400000-710000 r-xp 00010000 08:01 7 /bin/x\n" + behind + "\n"))
                .isEqualTo("0x400000-" + end);
    }

    @Test
    void takesNoGapWithNothingAboveIt() throws Exception {
        assertThat(chosen("400000-710000 r-xp 00000000 08:01 7 /bin/x\n")).isEqualTo("0x400000-0x600000");
    }

    @Test
    void takesNoGapAboveTheHeap() throws Exception {
        String maps = "%s rw-p 00000000 00:00 0 %s\n7f0000250000-7f0000a00000 r-xp 00000000 08:01 7 /lib/x.so\n";
        assertThat(chosen(maps.formatted("7f0000100000-7f0000110000", "[heap]")))
                .isEqualTo("0x7f0000400000-0x7f0000a00000");
        assertThat(chosen(maps.formatted("7f0000100000-7f0000110000", ""))).isEqualTo("0x7f0000200000-0x7f0000a00000");
    }

    @Test
    void leavesTheLowestAddressesFree() throws Exception {
        assertThat(chosen("10000-600000 r-xp 00000000 08:01 7 /bin/x\n")).isEqualTo("0x200000-0x600000");
    }

    @Test
    void doesNotReachBeyondUserSpace() throws Exception {
        assertThat(chosen("""
                        7fffff800000-7fffffe01000 r-xp 00000000 08:01 7 /bin/x
                        7fffffffe000-7ffffffff000 r--p 00700000 08:01 7 /bin/x
                        """)).isEqualTo("0x7fffff800000-0x7fffffe00000");
    }

    @Test
    void takesLessThan2MbOfCodeIfAllAroundItPermits() throws Exception {
        String maps = """
                400000-401000 r--p 00000000 08:01 7 /bin/x
                401000-4c0000 r-xp 00001000 08:01 7 /bin/x
                4c0000-4f0000 r--p 000c0000 08:01 7 /bin/x
                %s rw-p 000f0000 08:01 7 /bin/x
                """;
        assertThat(chosen(maps.formatted("600000-601000"))).isEqualTo("0x400000-0x600000");
        assertThat(chosen(maps.formatted("4f1000-4f2000"))).isEqualTo("nothing");
    }

    @Test
    void neverCoversWhatIsNotReadOnlyAndOfTheSameFile() {
        long seed = Long.getLong("tiexec.fuzz.seed", System.nanoTime());
        System.out.println("fuzz seed: -Dtiexec.fuzz.seed=" + seed);
        Random random = new Random(seed);
        int widened = 0;
        for (int i = 0; i < INPUTS; i++) {
            List<Mapping> mappings = mappings(random);
            for (Mapping code : mappings) {
                if (code.isReplaceableCode()) {
                    String what =
                            "-Dtiexec.fuzz.seed=" + seed + ", input " + i + ", " + code.range() + " in " + mappings;
                    Optional<AddressRange> range = AGGRESSIVE.choose(code, mappings);
                    Optional<AddressRange> interior = new Conservative().choose(code, mappings);
                    assertThat(interior.isEmpty() || range.orElseThrow().contains(interior.get()))
                            .as(what)
                            .isTrue();
                    if (range.isPresent()) {
                        widened += code.range().contains(range.get()) ? 0 : 1;
                        assertHarmless(range.get(), code, mappings, what);
                    }
                }
            }
        }
        assertThat(widened).isGreaterThan(INPUTS / 10);
    }

    private static void assertHarmless(AddressRange range, Mapping code, List<Mapping> mappings, String what) {
        assertThat(range.isAligned(PageSize.HUGE)).as(what).isTrue();
        assertThat(range.start().isBelow(new Address(PageSize.HUGE))).as(what).isFalse();
        assertThat(range.overlaps(code.range())).as(what).isTrue();
        assertThat(code.range().start().distanceFrom(range.start())).as(what).isLessThan(PageSize.HUGE);
        assertThat(range.end().distanceFrom(code.range().end())).as(what).isLessThan(PageSize.HUGE);
        for (int i = 0; i < mappings.size(); i++) {
            Mapping mapping = mappings.get(i);
            if (mapping.range().overlaps(range) && !mapping.equals(code)) {
                assertThat(mapping.protection()).as(what).isEqualTo(Protection.READ);
                assertThat(mapping.shared()).as(what).isFalse();
                assertThat(mapping.mapsSameFileAs(code)).as(what).isTrue();
            }
            if (i > 0 && range.overlaps(gapBelow(mapping, mappings.get(i - 1)).orElse(code.range()))) {
                boolean gap = !gapBelow(mapping, mappings.get(i - 1)).isEmpty();
                assertThat(!gap || mapping.mapsSameFileAs(code)).as(what).isTrue();
                assertThat(gap && mappings.get(i - 1).isHeap()).as(what).isFalse();
            }
        }
        AddressRange all = new AddressRange(
                range.start(), mappings.get(mappings.size() - 1).range().end());
        assertThat(all.contains(range))
                .as("nothing above the last mapping, " + what)
                .isTrue();
        for (Widened piece : Widening.of(range, code, mappings).orElseThrow()) {
            assertThat(piece.range().overlaps(code.range())).as(what).isFalse();
        }
    }

    private static Optional<AddressRange> gapBelow(Mapping mapping, Mapping below) {
        Address start = below.range().end();
        Address end = mapping.range().start();
        return start.isBelow(end) ? Optional.of(new AddressRange(start, end)) : Optional.empty();
    }

    /** Mostly of one file, around some boundaries of 2 MB. */
    private static List<Mapping> mappings(Random random) {
        List<Mapping> mappings = new ArrayList<>();
        long page = 16L + random.nextInt(1024);
        long offset = 0;
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            page += random.nextBoolean() ? 0 : random.nextInt(700);
            long pages = 1L + random.nextInt(1200);
            boolean file = random.nextInt(6) > 0;
            mappings.add(new Mapping(
                    new AddressRange(new Address(page * PageSize.BASE), new Address((page + pages) * PageSize.BASE)),
                    PROTECTIONS.get(random.nextInt(PROTECTIONS.size())),
                    random.nextInt(8) == 0,
                    file ? offset : 0,
                    file ? "08:01" : "00:00",
                    file ? 7 + random.nextInt(6) / 5 : 0,
                    file ? "/bin/x" : random.nextBoolean() ? "[heap]" : ""));
            page += pages;
            offset += random.nextInt(10) == 0 ? 0 : pages * PageSize.BASE;
        }
        return mappings;
    }
}
