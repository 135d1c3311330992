package org.tiexec.helper.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.testing.ElfImage;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.procfs.Mapping;

final class ElfPredictionTest {
    private static final long PAGE = 0x1000;
    private static final long HUGE = 0x200000;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void isExactForAProgramLinkedToFixedAddresses() throws Exception {
        // what `readelf -lW /usr/bin/node` shows; compare processes/node-exec-stop.maps
        ProcessFacts process = predict(ElfImage.executable()
                .load(ElfImage.READ, 0, 0x400000, 0x76e5d8, PAGE)
                .load(ElfImage.READ_EXECUTE, 0x76f000, 0xb6f000, 0x1e90, PAGE)
                .load(ElfImage.READ_EXECUTE, 0x772000, 0xb72000, 0x1a8bca0, PAGE)
                .load(ElfImage.READ_EXECUTE, 0x2200000, 0x2600000, 0x1f1, PAGE)
                .load(ElfImage.READ, 0x2201000, 0x2601000, 0x3038cae, PAGE)
                .load(ElfImage.READ_WRITE, 0x5239ec8, 0x563aec8, 0x215f8, PAGE));
        assertThat(lines(process))
                .containsExactly(
                        "0x400000-0xb6f000 r-- 0x0",
                        "0xb6f000-0xb71000 r-x 0x76f000",
                        "0xb72000-0x25fe000 r-x 0x772000",
                        "0x2600000-0x2601000 r-x 0x2200000",
                        "0x2601000-0x563a000 r-- 0x2201000",
                        "0x563a000-0x565d000 rw- 0x5239000");
        assertThat(process.caveats()).isEmpty();
        assertThat(process.pid()).isZero();
    }

    @Test
    void showsAPositionIndependentProgramWhereItGoesWithoutRandomisation() throws Exception {
        // compare processes/gdb-exec-stop.maps
        ProcessFacts process = predict(ElfImage.positionIndependent()
                .load(ElfImage.READ, 0, 0, 0xd2e30, PAGE)
                .load(ElfImage.READ_EXECUTE, 0xd3000, 0xd3000, 0x5e2a1d, PAGE));
        assertThat(lines(process))
                .containsExactly("0x555555554000-0x555555627000 r-- 0x0", "0x555555627000-0x555555c0a000 r-x 0xd3000");
        assertThat(process.caveats())
                .containsExactly("the kernel chooses the load address, shown is 0x555555554000: "
                        + "1 page of 2 MB certain, 2 possible");
    }

    @Test
    void alignsTheLoadAddressDownAsTheKernelDoes() throws Exception {
        ProcessFacts process = predict(ElfImage.positionIndependent()
                .load(ElfImage.READ, 0, 0, 0x6c0, HUGE)
                .load(ElfImage.READ_EXECUTE, HUGE, HUGE, 0x400000, HUGE));
        assertThat(lines(process))
                .containsExactly("0x555555400000-0x555555401000 r-- 0x0", "0x555555600000-0x555555a00000 r-x 0x200000");
        assertThat(process.caveats())
                .containsExactly("the kernel chooses the load address, shown is 0x555555400000: "
                        + "it is 2 pages of 2 MB wherever");
    }

    @Test
    void mapsTheFirstSegmentAtTheBaseWhereverItIsLinkedTo() throws Exception {
        // Go links position-independent programs to 0x400000, too
        ProcessFacts process =
                predict(ElfImage.positionIndependent().load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x20e370, PAGE));
        assertThat(lines(process)).containsExactly("0x555555554000-0x555555763000 r-x 0x0");
    }

    @Test
    void tellsThatAPageIsPossibleWhereNoneIsShown() throws Exception {
        ProcessFacts process =
                predict(ElfImage.positionIndependent().load(ElfImage.READ_EXECUTE, 0, 0, 0x20e370, PAGE));
        Decision decision = Planner.plan(process, Hosts.withFree(8), Settings.DEFAULT);
        assertThat(decision)
                .isEqualTo(new Decision.Declined(
                        true,
                        "nothing to do: no mapping of the executable has 2 MB of aligned code (largest: 2.0 MB); "
                                + "the kernel chooses the load address, shown is 0x555555554000: "
                                + "0 pages of 2 MB certain, 1 possible"));
    }

    @Test
    void joinsSegmentsThatContinueEachOther() throws Exception {
        ProcessFacts process = predict(ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x200000, PAGE)
                .load(ElfImage.READ_EXECUTE, 0x200000, 0x600000, 0x300000, PAGE)
                .load(ElfImage.READ_EXECUTE, 0x900000, 0x900000, 0x1000, PAGE));
        assertThat(lines(process)).containsExactly("0x400000-0x900000 r-x 0x0", "0x900000-0x901000 r-x 0x900000");
    }

    @Test
    void mapsLaterSegmentsOverEarlierOnes() throws Exception {
        ProcessFacts process = predict(ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x200800, PAGE)
                .load(ElfImage.READ_WRITE, 0x200000, 0x600800, 0x1000, PAGE)
                .load(ElfImage.READ, 0x300000, 0x600000, 0x3000, PAGE));
        assertThat(lines(process)).containsExactly("0x400000-0x600000 r-x 0x0", "0x600000-0x603000 r-- 0x300000");
    }

    private ProcessFacts predict(ElfImage image) throws Exception {
        Path file = image.writeTo(directory.resolve("program"));
        try (FileChannel channel = FileChannel.open(file)) {
            return ElfPrediction.of("/bin/program", ElfHeaders.read(channel), StrategyName.CONSERVATIVE);
        }
    }

    private static List<String> lines(ProcessFacts process) {
        List<String> lines = new ArrayList<>();
        for (Mapping mapping : process.mappings()) {
            lines.add(mapping.range() + " " + mapping.protection() + " 0x" + Long.toHexString(mapping.fileOffset()));
        }
        return lines;
    }
}
