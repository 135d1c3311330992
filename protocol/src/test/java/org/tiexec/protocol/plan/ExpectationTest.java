package org.tiexec.protocol.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpectationTest {
    @ParameterizedTest
    @CsvSource({
        // raw result, zero, address, any, exactly 0xc00000
        "0x0,                true,  false, true, false",
        "0x1,                false, false, true, false",
        "0x1000,             false, true,  true, false",
        "0xc00000,           false, true,  true, true",
        "0xc00001,           false, false, true, false",
        "0x7ffff7ff0000,     false, true,  true, false",
        // the upper half is the kernel's
        "0x8000000000000000, false, false, true, false",
        "0xfffffffffffff000, false, false, true, false",
        "0xfffffffffffff001, false, false, true, false",
        "0xfffffffffffffff4, false, false, true, false",
        "0xffffffffffffffff, false, false, true, false",
    })
    void acceptsWhatItsNameSays(String raw, boolean zero, boolean address, boolean any, boolean exactly) {
        long result = Long.parseUnsignedLong(raw.substring(2), 16);
        assertThat(Expectation.parse("zero").accepts(result)).isEqualTo(zero);
        assertThat(Expectation.parse("address").accepts(result)).isEqualTo(address);
        assertThat(Expectation.parse("any").accepts(result)).isEqualTo(any);
        assertThat(Expectation.parse("0xc00000").accepts(result)).isEqualTo(exactly);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero", "address", "any", "0x0", "0xc00000", "0xffffffffffffffff"})
    void writesWhatItReads(String wireName) {
        assertThat(Expectation.parse(wireName).wireName()).isEqualTo(wireName);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ZERO", "nonzero", "0", "0x", "c00000", "any ", "-1"})
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> Expectation.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
