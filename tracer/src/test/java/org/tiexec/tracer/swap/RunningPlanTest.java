package org.tiexec.tracer.swap;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.remote.RemoteCalls;
import org.tiexec.tracer.target.FakeMemory;
import org.tiexec.tracer.target.FakeTarget;

/** Plans for a program that runs: what it does in between must harm neither side. */
final class RunningPlanTest {
    private static final long TEXT = 0x400000;
    private static final int LENGTH = (int) (2 * PageSize.HUGE);
    private static final long FLAGS_OF_A_MAPPING =
            MmapFlag.MAP_PRIVATE.value() | MmapFlag.MAP_ANONYMOUS.value() | MmapFlag.MAP_FIXED.value();

    private final byte[] code = new byte[LENGTH];
    private final FakeMemory memory = new FakeMemory(4);
    private final FakeTarget target = new FakeTarget(memory);
    private final List<String> events = new ArrayList<>();

    @BeforeEach
    void startTheProgram() {
        new Random(1).nextBytes(code);
        memory.addFile(TEXT, code, "rx", "/bin/program");
    }

    /** Makes the calls at once, as a thread would that is borrowed for them. */
    private class Calls implements RemoteCalls {
        @Override
        public long call(SyscallName name, long... arguments) {
            events.add(name.wireName());
            return make(name, arguments);
        }

        long make(SyscallName name, long... arguments) {
            return switch (name) {
                case MMAP -> memory.mmap(arguments[0], arguments[1], arguments[2], arguments[3]);
                case MUNMAP -> memory.munmap(arguments[0], arguments[1]);
                case MPROTECT -> memory.mprotect(arguments[0], arguments[1], arguments[2]);
                case MADVISE -> memory.madvise(arguments[0], arguments[1], arguments[2]);
                case MREMAP -> memory.mremap(arguments[0], arguments[1], arguments[3], arguments[4]);
            };
        }

        @Override
        public void letRun() {
            events.add("run");
        }
    }

    private StepResult work(StepId step, Address to) {
        events.add(step.text());
        if (step.text().equals("fill")) {
            memory.write(to.bits(), code);
        }
        return new StepResult.Succeeded(LENGTH);
    }

    private Optional<String> execute(Plan plan, RemoteCalls calls, HelperTasks helper) throws Exception {
        List<Mapping> mappings = MapsParser.parse(memory.maps());
        PlanValidator.validate(plan, FakeTarget.PID, mappings);
        TargetGuard guard = new TargetGuard(target, this::firstDifference, mappings);
        return new PlanExecutor(calls, helper, guard)
                .execute(plan)
                .failures()
                .values()
                .iterator()
                .next();
    }

    private long firstDifference(Address place, Address otherPlace, long length) {
        events.add("compare");
        int mismatch =
                Arrays.mismatch(memory.read(place.bits(), (int) length), memory.read(otherPlace.bits(), (int) length));
        return mismatch < 0 ? length : mismatch;
    }

    private String maps() {
        return new String(memory.maps(), StandardCharsets.UTF_8);
    }

    private long park() throws Exception {
        return MapsParser.parse(memory.maps()).stream()
                .filter(Mapping::isParked)
                .findFirst()
                .orElseThrow()
                .range()
                .start()
                .bits();
    }

    @ParameterizedTest
    @EnumSource(BackingName.class)
    void theCodeGoesToHugePagesAndBackAndIsParkedWithoutRightsInBetween(BackingName backing) throws Exception {
        String before = maps();

        assertThat(execute(SamplePlans.attach(backing, TEXT, LENGTH), new Calls(), this::work))
                .isEmpty();
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
        long parked = park();
        assertThat(maps()).contains("400000-800000 r-xp").contains(Long.toHexString(parked) + "-");

        assertThat(execute(SamplePlans.undo(TEXT, LENGTH, parked), new Calls(), this::work))
                .isEmpty();
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
        assertThat(maps()).isEqualTo(before);
    }

    @Test
    void theProgramRunsWhileItIsCopiedAndComparedButNotBetweenParkAndSwap() throws Exception {
        execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), new Calls(), this::work);

        assertThat(events)
                .containsExactly(
                        "mmap",
                        "madvise",
                        "run",
                        "fill",
                        "mprotect",
                        "run",
                        "verify",
                        "run",
                        "compare",
                        "madvise",
                        "mremap",
                        "mremap",
                        "run",
                        "compare",
                        "mprotect");
    }

    @Test
    void codeThatIsWrittenToAfterItWasCopiedStaysWhereItIs() throws Exception {
        HelperTasks meanwhile = (step, to) -> {
            StepResult result = work(step, to);
            if (step.text().equals("verify")) {
                write(TEXT + 7, (byte) (code[7] ^ 1));
            }
            return result;
        };
        String before = maps();

        assertThat(execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), new Calls(), meanwhile))
                .hasValueSatisfying(reason -> assertThat(reason).contains("differs from the original"));

        assertThat(maps()).isEqualTo(before);
        assertThat(memory.read(TEXT + 7, 1)[0]).isEqualTo((byte) (code[7] ^ 1));
    }

    private void write(long address, byte value) {
        memory.mprotect(TEXT, LENGTH, 3);
        memory.write(address, new byte[] {value});
        memory.mprotect(TEXT, LENGTH, 5);
    }

    /** As by dlclose and dlopen. */
    @Test
    void whatIsMappedOverTheCodeMeanwhileStaysThere() throws Exception {
        HelperTasks meanwhile = (step, to) -> {
            StepResult result = work(step, to);
            if (step.text().equals("verify")) {
                memory.munmap(TEXT, LENGTH);
                memory.mmap(TEXT, LENGTH, 3, FLAGS_OF_A_MAPPING);
                memory.write(TEXT, code);
                memory.mprotect(TEXT, LENGTH, 5);
            }
            return result;
        };

        assertThat(execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), new Calls(), meanwhile))
                .hasValueSatisfying(reason ->
                        assertThat(reason).contains("the program has changed what is mapped at 0x400000-0x800000"));

        assertThat(maps()).contains("400000-800000 r-xp 00000000 00:00 0").doesNotContain("200000400000");
    }

    /** Where the new memory was filled, others may have mapped something by then. */
    @Test
    void aSwapThatIsTakenBackUnmapsNothingOfOthers() throws Exception {
        long[] stage = new long[1];
        Calls calls = new Calls() {
            @Override
            long make(SyscallName name, long... arguments) {
                long result = super.make(name, arguments);
                if (name == SyscallName.MMAP) {
                    stage[0] = result;
                }
                boolean swaps = name == SyscallName.MREMAP
                        && arguments[0] == stage[0]
                        && (arguments[3] & MremapFlag.MREMAP_FIXED.value()) != 0;
                if (swaps) {
                    memory.mmap(stage[0], LENGTH, 3, FLAGS_OF_A_MAPPING);
                }
                return name == SyscallName.MPROTECT && arguments[2] == 0 ? -Errno.ENOMEM.number() : result;
            }
        };

        assertThat(execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), calls, this::work))
                .hasValueSatisfying(reason -> assertThat(reason).contains("ENOMEM"));

        assertThat(maps()).contains(Long.toHexString(stage[0]) + "-").contains("/bin/program");
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
    }

    /** The swap unmaps what is in its way: that must be parked by then. */
    @Test
    void nothingIsPutOverAnOriginalThatIsNotWhereTheKernelSaysItIsParked() throws Exception {
        Calls calls = new Calls() {
            @Override
            long make(SyscallName name, long... arguments) {
                boolean parks = name == SyscallName.MREMAP && (arguments[3] & MremapFlag.MREMAP_DONTUNMAP.value()) != 0;
                return parks ? 0x6660_0000_0000L : super.make(name, arguments);
            }
        };
        String before = maps();

        assertThat(execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), calls, this::work))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("the original is not parked at 0x666000000000"));

        assertThat(maps()).isEqualTo(before);
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
    }

    /** A move that fails late would leave nothing where the program executes. */
    @Test
    void whereTheOriginalHasBeenExchangedMeanwhileTheNewMemoryStays() throws Exception {
        Calls calls = new Calls() {
            private long parked;

            @Override
            long make(SyscallName name, long... arguments) {
                long result = super.make(name, arguments);
                if (name == SyscallName.MREMAP && (arguments[3] & MremapFlag.MREMAP_DONTUNMAP.value()) != 0) {
                    parked = result;
                } else if (name == SyscallName.MREMAP) {
                    memory.munmap(parked, LENGTH);
                    memory.mmap(parked, LENGTH, 3, FLAGS_OF_A_MAPPING);
                    memory.write(parked, code);
                    memory.mprotect(parked, LENGTH, 5);
                }
                return result;
            }
        };

        assertThat(execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), calls, this::work))
                .hasValueSatisfying(reason -> assertThat(reason).contains("is not parked", "could not be undone"));

        assertThat(events.stream().filter("mremap"::equals)).as("park and swap").hasSize(2);
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
    }

    @Test
    void whatIsParkedButIsNotTheCodeInUseStaysParked() throws Exception {
        execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), new Calls(), this::work);
        write(TEXT + 9, (byte) (code[9] ^ 1));
        long parked = park();

        assertThat(execute(SamplePlans.undo(TEXT, LENGTH, parked), new Calls(), this::work))
                .hasValueSatisfying(reason -> assertThat(reason).contains("differs from the original"));

        assertThat(park()).isEqualTo(parked);
    }

    /** Nothing can keep a program that runs from running on. */
    @Test
    void whatCannotBeTakenBackIsToldWithTheFailure() throws Exception {
        Calls calls = new Calls() {
            @Override
            long make(SyscallName name, long... arguments) {
                return name == SyscallName.MPROTECT || name == SyscallName.MUNMAP
                        ? -Errno.EAGAIN.number()
                        : super.make(name, arguments);
            }
        };

        assertThat(execute(SamplePlans.attach(BackingName.HUGETLB, TEXT, LENGTH), calls, this::work))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("mprotect", "EAGAIN", "something is left", "munmap"));
        assertThat(memory.read(TEXT, LENGTH)).isEqualTo(code);
    }
}
