package org.tiexec.tracer.obstacle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.SmapsParser;
import org.tiexec.tracer.swap.SamplePlans;

/** Code that has been sealed is not touched. */
final class SealedCodeTest {
    private static final long START = 0x400000;
    private static final long LENGTH = 0x200000;

    @ParameterizedTest
    @EnumSource
    void isAnObjectionToEveryMethod(MethodName method) throws Exception {
        Plan plan = SamplePlans.of(method, BackingName.HUGETLB, START, LENGTH);

        assertThat(SealedCode.objection(plan, pages(plan, "00400000-00600000", "rd ex mr mw me sl")))
                .contains("region r1 not swapped: its mapping 0x400000-0x600000 is sealed (mseal)");
    }

    @Test
    void isAnObjectionEvenIfOnlyAPartIsSealed() throws Exception {
        Plan plan = SamplePlans.of(MethodName.STAGED_SWAP, BackingName.THP, START, LENGTH);

        assertThat(SealedCode.objection(plan, pages(plan, "00500000-00501000", "rd ex sl")))
                .isPresent();
    }

    @Test
    void thatIsNotSealedIsNone() throws Exception {
        Plan plan = SamplePlans.of(MethodName.STAGED_SWAP, BackingName.HUGETLB, START, LENGTH);

        assertThat(SealedCode.objection(plan, pages(plan, "00400000-00600000", "rd ex mr mw me")))
                .isEmpty();
    }

    private static List<List<MappedPages>> pages(Plan plan, String range, String flags) throws Exception {
        String smaps =
                range + " r-xp 00000000 fe:00 42  /bin/program\nKernelPageSize:        4 kB\nVmFlags: " + flags + " \n";
        return List.of(SmapsParser.parse(
                smaps.getBytes(UTF_8), plan.header().regions().get(0).mapping()));
    }
}
