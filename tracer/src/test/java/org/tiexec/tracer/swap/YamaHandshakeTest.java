package org.tiexec.tracer.swap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.Phase;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.remote.AccessGrant;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.target.FakeMemory;
import org.tiexec.tracer.target.FakeTarget;

/** A target that keeps strangers out lets the helper in from its first copy to its last, at no other time. */
class YamaHandshakeTest {
    private static final long TEXT = 0x400000;
    private static final int LENGTH = (int) (2 * PageSize.HUGE);
    private static final int PAGES = 2;
    private static final int CALLS_OF_THE_LONGEST_PLAN = 11;

    private final byte[] code = new byte[LENGTH];
    private final PhaseClock clock = new PhaseClock(System.nanoTime());
    private final FakeMemory memory = new FakeMemory(PAGES);
    private final FakeTarget target = new FakeTarget(memory);
    private String mapsBefore = "";

    @BeforeEach
    void loadTheProgram() {
        new Random(1).nextBytes(code);
        memory.addFile(TEXT, code, "rx", "/bin/program");
        mapsBefore = maps();
        target.keepStrangersOut();
    }

    private ActingHelper helper(MethodName method) {
        return new ActingHelper(target, code, settings -> {
            BackingName backing = settings.backing() == BackingChoice.THP ? BackingName.THP : BackingName.HUGETLB;
            return SamplePlans.of(method, backing, TEXT, LENGTH);
        });
    }

    private Optional<PlanAnswer.Declined> launch(ActingHelper helper, BackingChoice backing, boolean handshake)
            throws Exception {
        X8664 arch = new X8664();
        Optional<AccessGrant> leave =
                handshake ? Optional.of(new AccessGrant(target, arch, ActingHelper.PID)) : Optional.empty();
        MemoryRoom unlimited = new MemoryRoom(new File("/nowhere"));
        return new Optimiser(
                        target,
                        new RemoteSyscalls(target, arch),
                        leave,
                        helper.conversation(),
                        helper.conversation(),
                        this::firstDifference,
                        unlimited,
                        clock)
                .optimise(new Settings(StrategyName.CONSERVATIVE, backing, MethodChoice.AUTO));
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void theHelperIsLetInBeforeItsFirstCopyAndKeptOutAfterItsLast(MethodName method) throws Exception {
        ActingHelper helper = helper(method);
        long mask = target.signalMask();
        long[] registers = new X8664().restoring(target.registers()).words();

        assertThat(launch(helper, BackingChoice.HUGETLB, true)).isEmpty();

        assertThat(helper.copies()).isNotEmpty().containsOnly("copied");
        assertThat(target.admits(ActingHelper.PID)).isFalse();
        assertThat(target.calls()).startsWith("prctl", "mmap").endsWith("munmap", "prctl");
        assertThat(target.calls()).filteredOn("prctl"::equals).hasSize(2);
        assertThat(maps()).contains("400000-800000 r-xp");
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
        assertThat(target.signalMask()).isEqualTo(mask);
        assertThat(target.registers().words()).isEqualTo(registers);
        assertThat(target.diesWithTracer()).isFalse();
    }

    @Test
    void thatItTookPlaceIsAmongThePhases() throws Exception {
        launch(helper(MethodName.STAGED_SWAP), BackingChoice.HUGETLB, true);

        assertThat(clock.phases()).extracting(Phase::name).contains("leave to copy");
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void withoutTheHandshakeNothingCanBeCopiedAndTheProgramStaysAsItWas(MethodName method) throws Exception {
        ActingHelper helper = helper(method);

        Optional<PlanAnswer.Declined> result = launch(helper, BackingChoice.HUGETLB, false);

        assertThat(result.orElseThrow().reason()).contains("EPERM");
        assertThat(helper.copies()).containsOnly("EPERM");
        assertThat(target.calls()).doesNotContain("prctl");
        assertUnchanged();
    }

    @Test
    void aSecondPlanHasAHandshakeOfItsOwn() throws Exception {
        memory.mmap(0, PageSize.HUGE, 3, 0x40022);
        ActingHelper helper = helper(MethodName.STAGED_SWAP);
        int callsBefore = target.calls().size();

        assertThat(launch(helper, BackingChoice.AUTO, true)).isEmpty();

        assertThat(helper.copies()).containsExactly("copied");
        assertThat(target.calls().subList(callsBefore, target.calls().size()))
                .filteredOn("prctl"::equals)
                .hasSize(4);
        assertThat(target.admits(ActingHelper.PID)).isFalse();
    }

    static Stream<Arguments> everyCall() {
        return Stream.of(MethodName.values())
                .flatMap(method -> Stream.of(BackingChoice.HUGETLB, BackingChoice.THP)
                        .flatMap(backing -> Stream.iterate(
                                        1, call -> call <= CALLS_OF_THE_LONGEST_PLAN, call -> call + 1)
                                .map(call -> Arguments.of(method, backing, call))));
    }

    @ParameterizedTest
    @MethodSource("everyCall")
    void whateverCallFailsInBetweenTheHelperIsKeptOutAgain(MethodName method, BackingChoice backing, int failing)
            throws Exception {
        target.fail(failing, -Errno.ENOMEM.number());
        ActingHelper helper = helper(method);

        Optional<PlanAnswer.Declined> result = launch(helper, backing, true);

        boolean isLastCall = target.calls().size() - 1 == failing;
        assertThat(target.admits(ActingHelper.PID)).isEqualTo(isLastCall);
        if (isLastCall) {
            assertThat(result.orElseThrow().reason()).contains("could not be taken back", "ENOMEM");
        }
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
        assertThat(target.diesWithTracer()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void aHelperThatDiesAtItsFirstCopyIsKeptOutAgain(MethodName method) throws Exception {
        ActingHelper helper = helper(method);
        helper.dieAfter(0);

        assertThat(launch(helper, BackingChoice.HUGETLB, true).orElseThrow().reason())
                .contains("helper");

        assertThat(target.admits(ActingHelper.PID)).isFalse();
        assertUnchanged();
    }

    @Test
    void aLeaveThatIsRefusedLeavesTheProgramAsItWasAndSaysWhy() throws Exception {
        target.fail(0, -Errno.EPERM.number());
        ActingHelper helper = helper(MethodName.STAGED_SWAP);

        Optional<PlanAnswer.Declined> result = launch(helper, BackingChoice.HUGETLB, true);

        assertThat(result.orElseThrow().reason()).contains("PR_SET_PTRACER", "EPERM");
        assertThat(helper.copies()).isEmpty();
        assertThat(target.calls()).containsExactly("prctl");
        assertUnchanged();
    }

    private String maps() {
        return new String(memory.maps(), StandardCharsets.UTF_8);
    }

    private long firstDifference(Address place, Address otherPlace, long length) {
        int mismatch =
                Arrays.mismatch(memory.read(place.bits(), (int) length), memory.read(otherPlace.bits(), (int) length));
        return mismatch < 0 ? length : mismatch;
    }

    private void assertUnchanged() {
        assertThat(maps()).isEqualTo(mapsBefore);
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
        assertThat(memory.freeHugePages()).isEqualTo(PAGES);
        assertThat(target.diesWithTracer()).isFalse();
    }
}
