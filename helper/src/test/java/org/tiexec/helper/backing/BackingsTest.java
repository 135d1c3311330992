package org.tiexec.helper.backing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;

final class BackingsTest {
    private static final Backing HUGETLB =
            Backings.admittedBy(BackingChoice.HUGETLB).get(0);
    private static final Backing THP = Backings.admittedBy(BackingChoice.THP).get(0);

    @Test
    void prefersReservedPagesWhenNothingIsAskedFor() {
        assertThat(Backings.admittedBy(BackingChoice.AUTO))
                .extracting(Backing::name)
                .containsExactly(BackingName.HUGETLB, BackingName.THP);
    }

    @Test
    void admitsOnlyWhatIsAskedFor() {
        assertThat(Backings.admittedBy(BackingChoice.HUGETLB))
                .extracting(Backing::name)
                .containsExactly(BackingName.HUGETLB);
        assertThat(Backings.admittedBy(BackingChoice.THP))
                .extracting(Backing::name)
                .containsExactly(BackingName.THP);
    }

    @Test
    void namesThePageSizeOfReservedPages() {
        assertThat(HUGETLB.mapFlags()).isEqualTo(List.of(MmapFlag.MAP_HUGETLB, MmapFlag.MAP_HUGE_2MB));
        assertThat(THP.mapFlags()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // total, free, reserved, overcommit, needed
        "16, 12, 0, 0,  12",
        "16, 12, 2, 0,  10",
        "0,  0,  0, 12, 12",
        "16, 8,  0, 4,  12",
    })
    void reservedPagesAreThereWhenEnoughAreFreeAndPromisedToNoOne(
            long total, long free, long reserved, long overcommit, long needed) {
        HostFacts host = new HostFacts("6.18", "never", total, free, reserved, overcommit);
        assertThat(HUGETLB.shortage(host, needed)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // total, free, reserved, overcommit, needed, reason, remedy
                "0  | 0  | 0  | 0 | 12 | hugetlb: 12 pages needed, 0 free  | reserve: sysctl vm.nr_hugepages=12",
                "3  | 3  | 0  | 0 | 12 | hugetlb: 12 pages needed, 3 free  | reserve: sysctl vm.nr_hugepages=12",
                "20 | 3  | 0  | 0 | 12 | hugetlb: 12 pages needed, 3 free  | reserve: sysctl vm.nr_hugepages=29",
                "16 | 12 | 1  | 0 | 12 | hugetlb: 12 pages needed, 11 free | reserve: sysctl vm.nr_hugepages=17",
                "16 | 12 | 12 | 0 | 1  | hugetlb: 1 page needed, 0 free    | reserve: sysctl vm.nr_hugepages=17",
                "16 | 8  | 0  | 3 | 12 | hugetlb: 12 pages needed, 11 free | reserve: sysctl vm.nr_hugepages=17",
            })
    void tellsHowLargeThePoolWouldHaveToBe(
            long total, long free, long reserved, long overcommit, long needed, String reason, String remedy) {
        HostFacts host = new HostFacts("6.18", "madvise", total, free, reserved, overcommit);
        assertThat(HUGETLB.shortage(host, needed)).contains(new Shortage(reason, remedy));
    }

    @ParameterizedTest
    @CsvSource({
        "6.18.44, always",
        "6.18.44, madvise",
        "6.18.44, never",
        "6.1.0,   never",
        "5.15.0,  madvise",
        "5.15.0,  always",
    })
    void transparentPagesAreThereWhereTheKernelMakesThemOnRequest(String release, String mode) {
        assertThat(THP.shortage(Hosts.running(release, mode), 12)).isEmpty();
    }

    @Test
    void transparentPagesNeedAKernelThatHasThem() {
        assertThat(THP.shortage(Hosts.running("6.18.44", "absent"), 12)
                        .orElseThrow()
                        .inFull())
                .isEqualTo("thp: this kernel has no transparent huge pages, or /sys is not mounted"
                        + " (it takes one built with CONFIG_TRANSPARENT_HUGEPAGE)");
    }

    @Test
    void transparentPagesThatAreSwitchedOffNeedAKernelThatCollapses() {
        assertThat(THP.shortage(Hosts.running("5.15.0", "never"), 12)
                        .orElseThrow()
                        .inFull())
                .isEqualTo("thp: switched off, and Linux 5.15.0 cannot collapse pages on request"
                        + " (allow: echo madvise >/sys/kernel/mm/transparent_hugepage/enabled)");
    }

    @ParameterizedTest
    @CsvSource({"5.15.0, false", "5.16.0, true", "6.18.44, true"})
    void reservedPagesCanBeMovedSinceLinux516(String release, boolean movable) {
        assertThat(HUGETLB.isMovable(Hosts.running(release))).isEqualTo(movable);
        assertThat(THP.isMovable(Hosts.running(release))).isTrue();
    }
}
