package org.tiexec.tracer.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.target.FakeMemory;
import org.tiexec.tracer.target.FakeTarget;

/** Executes plans in a fake process and looks at what is mapped there afterwards. */
class PlanExecutorTest {
    private static final long TEXT = 0x400000;
    private static final int LENGTH = (int) (2 * PageSize.HUGE);

    private final byte[] code = new byte[LENGTH];
    private FakeMemory memory = new FakeMemory(2);
    private FakeTarget target = new FakeTarget(memory);
    private String mapsBefore = "";

    @BeforeEach
    void loadTheProgram() {
        new Random(1).nextBytes(code);
        memory.addFile(TEXT, code, "rx", "/bin/program");
        mapsBefore = new String(memory.maps(), StandardCharsets.UTF_8);
    }

    /** Does what the helper does, in the fake's memory. */
    private final class WorkingHelper implements HelperTasks {
        @Override
        public StepResult perform(StepId step, Address to) {
            if (step.text().startsWith("fill")) {
                target.memory().write(to.bits(), code);
            }
            return new StepResult.Succeeded(LENGTH);
        }
    }

    private PlanExecutor.Execution execute(Plan plan, HelperTasks helper) throws Exception {
        List<Mapping> mappings = MapsParser.parse(memory.maps());
        PlanValidator.validate(plan, FakeTarget.PID, mappings);
        try (RemoteSyscalls calls = RemoteSyscalls.open(target, new X8664())) {
            return new PlanExecutor(calls, helper, new TargetGuard(target, this::firstDifference, mappings))
                    .execute(plan);
        }
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void everyMethodPutsTheSameBytesOnHugePages(MethodName method) throws Exception {
        PlanExecutor.Execution execution =
                execute(SamplePlans.of(method, BackingName.HUGETLB, TEXT, LENGTH), new WorkingHelper());
        assertThat(execution.failures().values()).containsExactly(Optional.empty());
        assertThat(execution.undone()).isEmpty();
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
        assertThat(new String(memory.smaps(), StandardCharsets.UTF_8))
                .contains("400000-800000 r-xp")
                .contains("KernelPageSize:     2048 kB");
        assertThat(memory.freeHugePages()).isZero();
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void aPoolThatIsShortByOnePageLeavesTheProgramAsItWas(MethodName method) throws Exception {
        memory = new FakeMemory(1);
        target = new FakeTarget(memory);
        loadTheProgram();
        PlanExecutor.Execution execution =
                execute(SamplePlans.of(method, BackingName.HUGETLB, TEXT, LENGTH), new WorkingHelper());
        assertThat(execution.failures().values().iterator().next().orElseThrow())
                .contains("mmap", "ENOMEM");
        assertUnchanged();
        assertThat(memory.freeHugePages()).isEqualTo(1);
    }

    static List<Integer> callsOfAnyPlan() {
        List<Integer> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            calls.add(i);
        }
        return calls;
    }

    @ParameterizedTest
    @MethodSource("callsOfAnyPlan")
    void aFailureOfAnyCallLeavesTheProgramAsItWas(int failing) throws Exception {
        for (MethodName method : MethodName.values()) {
            for (BackingName backing : BackingName.values()) {
                memory = new FakeMemory(2);
                target = new FakeTarget(memory);
                loadTheProgram();
                Plan plan = SamplePlans.of(method, backing, TEXT, LENGTH);
                // The first two calls of the target set up the scratch page.
                target.fail(failing + 2, -Errno.ENOMEM.number());
                PlanExecutor.Execution execution = execute(plan, new WorkingHelper());
                boolean swapped = execution.failures().values().contains(Optional.<String>empty());
                assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
                if (!swapped) {
                    assertUnchanged();
                    assertThat(memory.freeHugePages()).isEqualTo(2);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void memoryThatDiffersByOneByteIsNeverSwappedIn(MethodName method) throws Exception {
        HelperTasks liar = (step, to) -> {
            if (step.text().startsWith("fill")) {
                byte[] wrong = code.clone();
                wrong[LENGTH - 1] ^= 1;
                target.memory().write(to.bits(), wrong);
            }
            return new StepResult.Succeeded(LENGTH);
        };
        PlanExecutor.Execution execution = execute(SamplePlans.of(method, BackingName.HUGETLB, TEXT, LENGTH), liar);
        assertThat(execution.failures().values().iterator().next().orElseThrow())
                .contains("differs from the original near 0x7fffff");
        assertUnchanged();
    }

    @ParameterizedTest
    @EnumSource(MethodName.class)
    void memoryThatIsNotHugeIsNeverSwappedIn(MethodName method) throws Exception {
        Plan plan = SamplePlans.withoutCollapse(method, TEXT, LENGTH);
        PlanExecutor.Execution execution = execute(plan, new WorkingHelper());
        assertThat(execution.failures().values().iterator().next().orElseThrow())
                .contains("only 0 of 4096 kB are on 2 MB pages");
        assertUnchanged();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fill", "snapshot", "verify"})
    void aHelperThatDiesLeavesTheProgramAsItWas(String at) throws Exception {
        WorkingHelper working = new WorkingHelper();
        HelperTasks dying = (step, to) -> {
            if (step.text().startsWith(at)) {
                throw new HelperFailedException("ended before it answered");
            }
            return working.perform(step, to);
        };
        MethodName method = at.equals("fill") ? MethodName.STAGED_SWAP : MethodName.IN_PLACE;
        PlanExecutor.Execution execution = execute(SamplePlans.of(method, BackingName.HUGETLB, TEXT, LENGTH), dying);
        assertThat(execution.failures().values().iterator().next().orElseThrow())
                .contains("ended before it answered");
        assertUnchanged();
    }

    @Test
    void anUndoThatFailsIsFatalAndNamesWhatRemains() {
        Plan plan = SamplePlans.of(MethodName.STAGED_SWAP, BackingName.HUGETLB, TEXT, LENGTH);
        HelperTasks refusing = (step, to) -> {
            target.fail(0, -Errno.EINVAL.number());
            return new StepResult.Failed(Errno.EFAULT);
        };
        assertThatThrownBy(() -> execute(plan, refusing))
                .isInstanceOf(RollbackFailedException.class)
                .hasMessageContaining("munmap")
                .hasMessageContaining("EINVAL");
    }

    private long firstDifference(Address place, Address otherPlace, long length) {
        int mismatch =
                Arrays.mismatch(memory.read(place.bits(), (int) length), memory.read(otherPlace.bits(), (int) length));
        return mismatch < 0 ? length : mismatch;
    }

    private void assertUnchanged() {
        assertThat(new String(memory.maps(), StandardCharsets.UTF_8)).isEqualTo(mapsBefore);
        ByteBuffer now = ByteBuffer.wrap(memory.read(TEXT, LENGTH));
        assertThat(Arrays.equals(now.array(), code)).isTrue();
        assertThat(target.diesWithTracer()).isFalse();
    }
}
