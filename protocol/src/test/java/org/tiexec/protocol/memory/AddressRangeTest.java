package org.tiexec.protocol.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressRangeTest {
    private static AddressRange range(String text) {
        int dash = text.indexOf('-');
        return new AddressRange(Address.parse(text.substring(0, dash)), Address.parse(text.substring(dash + 1)));
    }

    @ParameterizedTest
    @CsvSource({
        // the design's vectors
        "0x5ff000-0xc10000,   0x600000-0xc00000,  1,   3,  16",
        "0x400000-0x579a000,  0x400000-0x5600000, 0,   41, 410",
        // node, gdb's kind of load address, a text that ends on a boundary
        "0xb72000-0x25fe000,  0xc00000-0x2400000, 142, 12, 510",
        "0x555555600000-0x555555a00000, 0x555555600000-0x555555a00000, 0, 2, 0",
        "0x5ff000-0x800000,   0x600000-0x800000,  1,   1,  0",
        "0x600000-0x801000,   0x600000-0x800000,  0,   1,  1",
        // around the sign bit and at the top
        "0x7ffffffffffff000-0x8000000000201000, 0x8000000000000000-0x8000000000200000, 1, 1, 1",
        "0xffffffffffbff000-0xfffffffffffff000, 0xffffffffffc00000-0xffffffffffe00000, 1, 1, 511",
    })
    void keepsTheAlignedInteriorAndLeavesHeadAndTailOnSmallPages(
            String mapping, String interior, long head, long huge, long tail) {
        AddressRange whole = range(mapping);
        AddressRange inner = whole.alignedInterior(PageSize.HUGE).orElseThrow();
        assertThat(inner).isEqualTo(range(interior));
        assertThat(inner.isAligned(PageSize.HUGE)).isTrue();
        assertThat(whole.contains(inner)).isTrue();
        assertThat(inner.start().distanceFrom(whole.start()) / PageSize.BASE).isEqualTo(head);
        assertThat(inner.pages(PageSize.HUGE)).isEqualTo(huge);
        assertThat(whole.end().distanceFrom(inner.end()) / PageSize.BASE).isEqualTo(tail);
        assertThat(whole.pages(PageSize.BASE)).isEqualTo(head + huge * 512 + tail);
    }

    @ParameterizedTest
    @CsvSource({
        "0x400000-0x401000",
        "0x401000-0x600000",
        "0x400000-0x5ff000",
        "0x401000-0x7ff000",
        "0x201000-0x3ff000",
        "0xffffffffffe01000-0xfffffffffffff000",
        "0xffffffffff600000-0xffffffffff601000",
        "0x1-0x2",
    })
    void hasNoAlignedInteriorWhereNoWholeHugePageFits(String mapping) {
        assertThat(range(mapping).alignedInterior(PageSize.HUGE)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "0x0,                0x0",
        "0x1000,             0x1000",
        "0x2000,             0x1000",
        "0x8000000000000000, 0x7fffffffffffffff",
        "0xffffffffffffffff, 0x0",
    })
    void isNeverEmptyOrInverted(String start, String end) {
        assertThatThrownBy(() -> new AddressRange(Address.parse(start), Address.parse(end)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Address.parse(start) + "-" + Address.parse(end));
    }

    @ParameterizedTest
    @CsvSource({"0x1000, 0x0", "0x1000, 0xfffffffffffff000", "0xfffffffffffff000, 0x1000", "0x2000, 0xffffffffffffffff"
    })
    void doesNotWrapAround(String start, String length) {
        assertThatThrownBy(() -> AddressRange.ofLength(Address.parse(start), Address.parseHex(length)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void spansUpToTheWholeAddressSpace() {
        AddressRange all = AddressRange.ofLength(Address.ZERO, -1);
        assertThat(all.end()).isEqualTo(new Address(-1));
        assertThat(all.pages(PageSize.HUGE)).isEqualTo((1L << 43) - 1);
        assertThat(all.contains(range("0x7fffffffffffffff-0x8000000000000001"))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // other, contained, overlapping
        "0x3000-0x5000, true,  true",
        "0x3000-0x4000, true,  true",
        "0x4000-0x5000, true,  true",
        "0x3001-0x4fff, true,  true",
        "0x2000-0x3000, false, false",
        "0x5000-0x6000, false, false",
        "0x2000-0x3001, false, true",
        "0x4fff-0x6000, false, true",
        "0x2000-0x6000, false, true",
        "0x2000-0x5000, false, true",
        "0x3000-0x6000, false, true",
        "0x1000-0x2000, false, false",
        "0x8000000000003000-0x8000000000004000, false, false",
    })
    void tellsInsideFromOverlappingFromApart(String other, boolean contained, boolean overlapping) {
        AddressRange subject = range("0x3000-0x5000");
        assertThat(subject.contains(range(other))).isEqualTo(contained);
        assertThat(subject.overlaps(range(other))).isEqualTo(overlapping);
        assertThat(range(other).overlaps(subject)).isEqualTo(overlapping);
    }

    @ParameterizedTest
    @CsvSource({"0x2fff, false", "0x3000, true", "0x4fff, true", "0x5000, false", "0xffffffffffffffff, false"})
    void holdsItsStartButNotItsEnd(String address, boolean inside) {
        assertThat(range("0x3000-0x5000").contains(Address.parse(address))).isEqualTo(inside);
    }

    @Test
    void isAlignedOnlyWithBothEnds() {
        assertThat(range("0x200000-0x600000").isAligned(PageSize.HUGE)).isTrue();
        assertThat(range("0x200000-0x601000").isAligned(PageSize.HUGE)).isFalse();
        assertThat(range("0x201000-0x600000").isAligned(PageSize.HUGE)).isFalse();
    }

    @Test
    void countsPagesRoundedDown() {
        assertThat(range("0x0-0x1fff").pages(PageSize.BASE)).isEqualTo(1);
        assertThat(range("0x0-0xfff").pages(PageSize.BASE)).isZero();
    }

    @Test
    void printsInTheFormOfMaps() {
        assertThat(range("0x5ff000-0xc10000")).hasToString("0x5ff000-0xc10000");
    }
}
