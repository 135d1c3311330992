package org.tiexec.protocol.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostFactsTest {
    @ParameterizedTest
    @CsvSource({
        "6.18.44-fc-v595,        5, 16, true",
        "6.18.44-fc-v595,        6, 18, true",
        "6.18.44-fc-v595,        6, 19, false",
        "6.18.44-fc-v595,        7, 0,  false",
        "6.1,                    6, 1,  true",
        "6.1.0-18-amd64,         6, 1,  true",
        "5.15.0-1051-aws,        5, 16, false",
        "5.15.0-1051-aws,        4, 99, true",
        "5.9-rc1,                5, 10, false",
        "5.10+,                  5, 10, true",
        "4.18.0-553.el8_10,      5, 0,  false",
        "10.0.1,                 6, 1,  true",
        // any other form counts as too old
        "6,                      6, 0,  false",
        "'',                     0, 0,  false",
        "6.,                     6, 0,  false",
        "6.x,                    6, 0,  false",
        ".6.1,                   0, 0,  false",
        "v6.1,                   6, 0,  false",
        "linux-6.1,              6, 0,  false",
        "6.99999999999,          6, 0,  false",
        "99999999999.1,          6, 0,  false",
        "-1.5,                   0, 0,  false",
    })
    void comparesTheKernelByMajorThenMinor(String release, int major, int minor, boolean atLeast) {
        HostFacts host = new HostFacts(release, "always", 0, 0, 0, 0);
        assertThat(host.kernelIsAtLeast(major, minor)).isEqualTo(atLeast);
    }

    @ParameterizedTest
    @CsvSource({
        // total, free, reserved, overcommit, available
        "0,  0,  0,  0,  0",
        "64, 64, 0,  0,  64",
        "64, 10, 4,  0,  6",
        "64, 4,  4,  0,  0",
        // the two counts are read one after the other
        "64, 3,  4,  0,  0",
        "64, 3,  4,  8,  8",
        "0,  0,  0,  8,  8",
    })
    void countsFreePagesThatNoOneWasPromisedAndWhatMayBeAdded(
            long total, long free, long reserved, long overcommit, long available) {
        assertThat(new HostFacts("6.18", "madvise", total, free, reserved, overcommit).hugePagesAvailable())
                .isEqualTo(available);
    }
}
