package org.tiexec.protocol.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "0x0,                0",
        "0x1,                1",
        "0x400000,           4194304",
        "0xABCdef,           11259375",
        "0x00000000000000ff, 255",
        "0x7fffffffffffffff, 9223372036854775807",
        "0x8000000000000000, -9223372036854775808",
        "0xffffffffffffffff, -1",
    })
    void readsHexadecimalAsAnUnsignedNumber(String text, long bits) {
        assertThat(Address.parse(text)).isEqualTo(new Address(bits));
        assertThat(Address.parseHex(text)).isEqualTo(bits);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "0x",
                "x",
                "400000",
                "0X10",
                "0x-1",
                "0x+1",
                "-0x1",
                "0x 1",
                " 0x1",
                "0x1 ",
                "0xg",
                "0x1g",
                "0x10000000000000000",
                "0x1.0",
                "0x1_000",
                "0x\u0661",
                "0x1\uff11",
                "0x1\u0661",
                "0x0x1"
            })
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> Address.parse(text))
                .isInstanceOf(NumberFormatException.class)
                .hasMessageContaining("0x…")
                .hasMessageEndingWith(text);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0xfff, 0x579a000, Long.MAX_VALUE, Long.MIN_VALUE, -4096, -1})
    void writesWhatItReads(long bits) {
        Address address = new Address(bits);
        assertThat(Address.parse(address.toString())).isEqualTo(address);
        assertThat(address).hasToString(Address.hex(bits));
    }

    @ParameterizedTest
    @CsvSource({
        "0x0,                0x0,                0x0",
        "0x1,                0x0,                0x200000",
        "0x1fffff,           0x0,                0x200000",
        "0x200000,           0x200000,           0x200000",
        "0x5ff000,           0x400000,           0x600000",
        "0xc10000,           0xc00000,           0xe00000",
        "0x579a000,          0x5600000,          0x5800000",
        "0x7fffffffffffffff, 0x7fffffffffe00000, 0x8000000000000000",
        "0x8000000000000001, 0x8000000000000000, 0x8000000000200000",
        "0xffffffffffe00000, 0xffffffffffe00000, 0xffffffffffe00000",
        "0xffffffffffe00001, 0xffffffffffe00000, 0x0",
        "0xffffffffffffffff, 0xffffffffffe00000, 0x0",
    })
    void alignsToHugePagesInBothDirectionsAndWrapsAtTheTop(String address, String down, String up) {
        assertThat(Address.parse(address).alignDown(PageSize.HUGE)).isEqualTo(Address.parse(down));
        assertThat(Address.parse(address).alignUp(PageSize.HUGE)).isEqualTo(Address.parse(up));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, PageSize.BASE, PageSize.HUGE, PageSize.GIGANTIC, 1L << 47, Long.MIN_VALUE})
    void whatIsAlignedStaysWhereItIs(long alignment) {
        for (Address address : new Address[] {Address.ZERO, new Address(alignment), new Address(-alignment)}) {
            assertThat(address.isAligned(alignment)).isTrue();
            assertThat(address.alignDown(alignment)).isEqualTo(address);
            assertThat(address.alignUp(alignment)).isEqualTo(address);
        }
    }

    @Test
    void knowsWhetherItIsAligned() {
        assertThat(Address.parse("0x200000").isAligned(PageSize.HUGE)).isTrue();
        assertThat(Address.parse("0x201000").isAligned(PageSize.HUGE)).isFalse();
        assertThat(Address.parse("0x201000").isAligned(PageSize.BASE)).isTrue();
        assertThat(Address.parse("0xffffffffffffffff").isAligned(2)).isFalse();
    }

    @Test
    void comparesUnsigned() {
        Address[] ascending = {
            Address.ZERO, new Address(1), new Address(Long.MAX_VALUE), new Address(Long.MIN_VALUE), new Address(-1)
        };
        Address[] sorted = {ascending[4], ascending[2], ascending[0], ascending[3], ascending[1]};
        Arrays.sort(sorted);
        assertThat(sorted).containsExactly(ascending);
        for (int i = 0; i < ascending.length; i++) {
            for (int j = 0; j < ascending.length; j++) {
                assertThat(ascending[i].isBelow(ascending[j])).isEqualTo(i < j);
                assertThat(Integer.signum(ascending[i].compareTo(ascending[j]))).isEqualTo(Integer.compare(i, j));
            }
        }
    }

    @Test
    void addsAndSubtractsModuloTwoToTheSixtyFour() {
        assertThat(new Address(-1).plus(1)).isEqualTo(Address.ZERO);
        assertThat(Address.ZERO.plus(-1)).isEqualTo(new Address(-1));
        assertThat(new Address(Long.MIN_VALUE).distanceFrom(new Address(Long.MAX_VALUE)))
                .isEqualTo(1);
        assertThat(Long.toUnsignedString(new Address(-1).distanceFrom(Address.ZERO)))
                .isEqualTo("18446744073709551615");
    }
}
