package org.tiexec.helper.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.elf.LoadSegment;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

final class ParkedCodeTest {
    private static final String HOME = """
            400000-401000 r--p 00000000 08:01 7 /bin/x
            401000-600000 r-xp 00001000 08:01 7 /bin/x
            600000-c00000 r-xp 00000000 00:00 0
            c00000-c10000 r-xp 00800000 08:01 7 /bin/x
            """;
    private static final String PARK = "200000600000-200000c00000 ---p 00200000 08:01 7 /bin/x\n";

    private static ParkedCode in(String maps) throws ProcFormatException {
        return ParkedCode.in(mappings(maps));
    }

    private static List<Mapping> mappings(String maps) throws ProcFormatException {
        return MapsParser.parse(maps.getBytes(UTF_8));
    }

    private static void assertReturns(ParkedCode parked, String... moves) {
        assertThat(parked.homecomings())
                .extracting(back -> back.park().range() + " to " + back.home())
                .containsExactly(moves);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void anyMappingInItsPlaceTellsWhereAParkBelongs(int left) throws Exception {
        String[] home = HOME.split("\n", -1);
        ParkedCode parked = in(home[left] + "\n" + home[2] + "\n" + PARK);
        assertReturns(parked, "0x200000600000-0x200000c00000 to 0x600000-0xc00000");
        assertThat(parked.stranded()).isEmpty();
    }

    @Test
    void reservedPagesOfSeveralAttachesAreOnePlace() throws Exception {
        String huge = HOME.replace("600000-c00000 r-xp 00000000 00:00 0\n", """
                600000-800000 r-xp 00000000 00:0f 90 /anon_hugepage (deleted)
                800000-c00000 r-xp 00000000 00:0f 91 /anon_hugepage (deleted)
                """);
        ParkedCode parked = in(huge + PARK);
        assertReturns(parked, "0x200000600000-0x200000c00000 to 0x600000-0xc00000");
        assertThat(parked.homecomings().get(0).hugetlb()).isTrue();
        assertThat(in(HOME + PARK).homecomings().get(0).hugetlb()).isFalse();
    }

    @Test
    void programHeadersTellWhereMappingsLieAtSeveralDistances() throws Exception {
        // linked by lld: code is 0x1000 further up in memory than in the file, and all of it is parked
        String maps = """
                7f0000000000-7f00001ff000 r--p 00000000 08:01 8 /lib/a.so
                7f0000200000-7f0000600000 r-xp 00000000 00:00 0 [anon:tiexec]
                200000200000-200000600000 ---p 001ff000 08:01 8 /lib/a.so
                """;
        assertThat(in(maps).homecomings()).isEmpty();
        List<List<Mapping>> asked = new ArrayList<>();
        ParkedCode parked = ParkedCode.in(mappings(maps), file -> {
            asked.add(file);
            return List.of(
                    new LoadSegment(Protection.READ, 0, 0, 0x1fe123, 0x1fe123, 0x1000),
                    new LoadSegment(Protection.READ_EXECUTE, 0x1ff000, 0x200000, 0x400000, 0x400000, 0x1000));
        });
        assertReturns(parked, "0x200000200000-0x200000600000 to 0x7f0000200000-0x7f0000600000");
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0)).extracting(Mapping::fileOffset).containsExactly(0L);
    }

    @Test
    void headersAreNotAskedWhereTheMappingsTell() throws Exception {
        ParkedCode parked = ParkedCode.in(mappings(HOME + PARK), file -> {
            throw new AssertionError("asked");
        });
        assertThat(parked.homecomings()).hasSize(1);
    }

    @Test
    void aParkWhosePlaceHoldsSomethingElseStays() throws Exception {
        String jit = HOME.replace("600000-c00000 r-xp 00000000 00:00 0\n", "600000-c00000 rwxp 00000000 00:00 0 \n");
        assertThat(in(jit + PARK).homecomings()).isEmpty();
        assertThat(in(jit + PARK).stranded())
                .extracting(ParkedCode.Stranded::reason)
                .containsExactly("its place 0x600000-0xc00000 now holds 0x600000-0xc00000 rwx");
        String gone = HOME.replace("600000-c00000 r-xp 00000000 00:00 0\n", "");
        assertThat(in(gone + PARK).stranded())
                .extracting(ParkedCode.Stranded::reason)
                .containsExactly("its place 0x600000-0xc00000 now holds nothing");
        String longer = HOME.replace("600000-c00000", "600000-bff000");
        assertThat(in(longer + PARK).homecomings()).isEmpty();
    }

    @Test
    void aParkWithoutAnyOtherMappingOfItsFileStays() throws Exception {
        assertThat(in("600000-c00000 r-xp 00000000 00:00 0\n" + PARK).stranded())
                .extracting(ParkedCode.Stranded::reason)
                .containsExactly("where it belongs cannot be told: no other mapping of its file is left in its place");
    }

    @Test
    void aParkOfAnotherDeviceIsOfAnotherFile() throws Exception {
        assertThat(in(HOME + PARK.replace("08:01", "08:02")).homecomings()).isEmpty();
    }

    @Test
    void anotherParkOfTheSamePlaceStays() throws Exception {
        ParkedCode parked = in(HOME + PARK + "200040600000-200040c00000 ---p 00200000 08:01 7 /bin/x\n");
        assertReturns(parked, "0x200000600000-0x200000c00000 to 0x600000-0xc00000");
        assertThat(parked.stranded()).hasSize(1);
    }

    @Test
    void aFileThatIsMappedTwiceComesBackTwice() throws Exception {
        String twice = HOME + PARK + """
                200040600000-200040c00000 ---p 00200000 08:01 7 /bin/x
                40000400000-40000600000 r-xp 00000000 08:01 7 /bin/x
                40000600000-40000c00000 r-xp 00000000 00:00 0
                """;
        assertReturns(
                in(twice),
                "0x200000600000-0x200000c00000 to 0x600000-0xc00000",
                "0x200040600000-0x200040c00000 to 0x40000600000-0x40000c00000");
    }

    @Test
    void aParkThatWasNotClosedComesBackWhenItIsAtTheOffsetOfItsPlace() throws Exception {
        String open = PARK.replace("---p", "r-xp");
        assertReturns(in(HOME + open), "0x200000600000-0x200000c00000 to 0x600000-0xc00000");
        ParkedCode elsewhere = in(HOME + open.replace("200000600000-200000c00000", "200000800000-200000e00000"));
        assertThat(elsewhere.homecomings()).isEmpty();
        assertThat(elsewhere.stranded()).isEmpty();
    }

    @Test
    void codeInItsPlaceIsNotParked() throws Exception {
        String untouched = """
                400000-401000 r--p 00000000 08:01 7 /bin/x
                600000-c00000 r-xp 00200000 08:01 7 /bin/x
                c00000-c10000 rw-p 00800000 08:01 7 /bin/x
                """;
        assertThat(in(untouched).homecomings()).isEmpty();
        assertThat(in(untouched).stranded()).isEmpty();
    }

    @Test
    void aGapThatALinkerLeavesIsNotParked() throws Exception {
        ParkedCode parked = in("""
                7f0000000000-7f0000001000 r-xp 00000000 08:01 8 /lib/a.so
                7f0000001000-7f0000201000 ---p 00001000 08:01 8 /lib/a.so
                7f0000201000-7f0000202000 rw-p 00001000 08:01 8 /lib/a.so
                """);
        assertThat(parked.homecomings()).isEmpty();
        assertThat(parked.stranded()).isEmpty();
    }

    @Test
    void nothingIsParkedInProgramsThatNobodyHasAttachedTo() {
        for (String name : RecordedProcess.NAMES) {
            ParkedCode parked = ParkedCode.in(RecordedProcess.named(name).mappings());
            assertThat(parked.homecomings()).as(name).isEmpty();
            assertThat(parked.stranded()).as(name).isEmpty();
        }
    }
}
