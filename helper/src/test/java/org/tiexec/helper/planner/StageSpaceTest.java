package org.tiexec.helper.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;

final class StageSpaceTest {
    @ParameterizedTest
    @CsvSource({
        "0x400000-0x800000,             0x200000400000",
        "0xc00000-0x2400000,            0x200000c00000",
        "0x555555800000-0x555555c00000, 0x200015800000",
        "0x7fc503c00000-0x7fc503e00000, 0x200003c00000",
        "0x40000000-0x40200000,         0x200000000000",
    })
    void keepsTheOffsetWithinOneGigabyte(String destination, String hint) {
        assertThat(new StageSpace(List.of()).reserve(range(destination))).hasToString(hint);
    }

    @Test
    void givesEveryStageItsOwnSpace() {
        StageSpace space = new StageSpace(List.of());
        AddressRange destination = range("0x400000-0x80400000");
        AddressRange first = AddressRange.ofLength(space.reserve(destination), destination.length());
        AddressRange second = AddressRange.ofLength(space.reserve(destination), destination.length());
        assertThat(second.overlaps(first)).isFalse();
        assertThat(second.start().distanceFrom(first.start()) % PageSize.GIGANTIC)
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "gdb", "go-static", "java", "postgres"})
    void staysAwayFromWhatRealProgramsMap(String program) {
        List<Mapping> mappings = RecordedProcess.named(program).mappings();
        AddressRange destination = range("0xc00000-0x2400000");
        AddressRange stage = AddressRange.ofLength(new StageSpace(mappings).reserve(destination), destination.length());
        for (Mapping mapping : mappings) {
            assertThat(stage.overlaps(mapping.range())).isFalse();
        }
    }

    @Test
    void goesAroundWhatIsMappedWhereItWouldBegin() {
        List<Mapping> mappings = List.of(
                mapping("0x100000000000-0x200000401000"),
                mapping("0x200040500000-0x200040600000"),
                mapping("0x200080900000-0x2000c0400000"));
        assertThat(new StageSpace(mappings).reserve(range("0x400000-0x800000"))).hasToString("0x200080400000");
    }

    @Test
    void goesFurtherDownWhenEverythingAboveIsTaken() {
        List<Mapping> mappings = List.of(mapping("0x200000000000-0x7ffffffff000"));
        assertThat(new StageSpace(mappings).reserve(range("0x400000-0x800000"))).hasToString("0x100400000");
    }

    @Test
    void neverGivesOnePlaceTwiceHoweverLittleIsFree() {
        StageSpace space = new StageSpace(List.of(mapping("0x100600000-0x7ffffffff000")));
        AddressRange destination = range("0x400000-0x600000");
        List<AddressRange> given = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            AddressRange place = AddressRange.ofLength(space.reserve(destination), destination.length());
            assertThat(given).noneMatch(place::overlaps);
            given.add(place);
        }
        assertThat(given.get(0)).hasToString("0x100400000-0x100600000");
    }

    private static Mapping mapping(String range) {
        return new Mapping(range(range), Protection.READ, false, 0, "00:00", 0, "");
    }

    private static AddressRange range(String text) {
        int dash = text.indexOf('-');
        return new AddressRange(Address.parse(text.substring(0, dash)), Address.parse(text.substring(dash + 1)));
    }
}
