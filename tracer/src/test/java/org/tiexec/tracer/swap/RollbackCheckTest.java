package org.tiexec.tracer.swap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

class RollbackCheckTest {
    private static final String HEAD = "00200000-00300000 r--p 00000000 fe:00 42 /bin/p\n";
    private static final String CODE = "00300000-00a00000 r-xp 00100000 fe:00 42 /bin/p\n";
    private static final String DATA = "00a00000-00b00000 rw-p 00800000 fe:00 42 /bin/p\n";
    private static final String LOWER = "00300000-00400000 r-xp 00100000 fe:00 42 /bin/p\n";
    private static final String MIDDLE = "00400000-00700000 r-xp 00200000 fe:00 42 /bin/p\n";
    private static final String UPPER = "00700000-00a00000 r-xp 00500000 fe:00 42 /bin/p\n";
    private static final AddressRange STAGE = AddressRange.ofLength(new Address(0x2000_0040_0000L), 0x400000);

    private final Region region = new Region(
            new RegionId("r1"),
            AddressRange.ofLength(new Address(0x400000), 0x400000),
            AddressRange.ofLength(new Address(0x300000), 0x700000),
            0x200000,
            Protection.READ_EXECUTE);
    private final RollbackCheck check = new RollbackCheck(mappings(HEAD + CODE + DATA));

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD + CODE + DATA,
                // split, as the kernel may leave it
                LOWER + MIDDLE + UPPER,
                // the scratch page
                CODE + "7f0000000000-7f0000001000 r-xp 00000000 00:00 0\n"
            })
    void theOriginalIsThereAgain(String now) {
        assertThat(check.difference(region, List.of(STAGE), mappings(now))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {HEAD + DATA, LOWER + UPPER, "00300000-00700000 r-xp 00100000 fe:00 42 /bin/p\n"})
    void aHoleIsSeen(String now) {
        assertThat(check.difference(region, List.of(), mappings(now)).orElseThrow())
                .startsWith("nothing is mapped at 0x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00300000-00a00000 r-xp 00000000 00:00 0\n",
                "00300000-00a00000 rwxp 00100000 fe:00 42 /bin/p\n",
                "00300000-00a00000 r-xs 00100000 fe:00 42 /bin/p\n",
                "00300000-00a00000 r-xp 00101000 fe:00 42 /bin/p\n",
                "00300000-00a00000 r-xp 00100000 fe:00 43 /bin/p\n"
            })
    void somethingElseInItsPlaceIsSeen(String now) {
        assertThat(check.difference(region, List.of(), mappings(now)).orElseThrow())
                .endsWith("is not the original mapping");
    }

    @Test
    void aStageThatIsLeftIsSeen() {
        String left = "200000400000-200000800000 rw-p 00000000 00:00 0\n";
        assertThat(check.difference(region, List.of(STAGE), mappings(CODE + left)))
                .contains(STAGE + " is still mapped");
    }

    @Test
    void whatWasMappedBeforeIsKnown() {
        assertThat(check.wasMapped(AddressRange.ofLength(new Address(0xaff000), 0x2000)))
                .isTrue();
        assertThat(check.wasMapped(STAGE)).isFalse();
    }

    private static List<Mapping> mappings(String maps) {
        try {
            return MapsParser.parse(maps.getBytes(StandardCharsets.US_ASCII));
        } catch (ProcFormatException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
