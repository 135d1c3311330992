package org.tiexec.helper.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;

/** The target of these tests is the JVM that runs them. */
final class RegionTasksTest {
    private static final File ROOT = new File("/");
    private static final int MB = 1 << 20;
    private static final Address NOWHERE = new Address(0x1000);

    private final NativeCalls calls = NativeCalls.bind();
    private final Crew crew = crew();

    private Crew crew() {
        try {
            return new Crew(calls);
        } catch (SysException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void closeCrew() {
        crew.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, MB, MB + 4096, 2 * MB, 2 * MB + 1, 5 * MB, 8 * MB, 13 * MB + 12345})
    void fillsAnotherPlaceWithTheBytesOfTheRegion(int bytes) throws Exception {
        try (Memory region = new Memory(bytes, 1);
                Memory stage = new Memory(bytes, 2);
                RegionTasks tasks = tasks()) {
            assertThat(tasks.perform(HelperTask.FILL, region.region(), stage.start()))
                    .isEqualTo(new StepResult.Succeeded(bytes));
            assertThat(stage.bytes()).isEqualTo(region.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 2 * MB, 6 * MB, 7 * MB + 4096})
    void restoresFromASnapshotWhatHasChangedMeanwhile(int bytes) throws Exception {
        try (Memory region = new Memory(bytes, 3);
                RegionTasks tasks = tasks()) {
            byte[] original = region.bytes();
            assertThat(tasks.perform(HelperTask.SNAPSHOT, region.region(), region.start()))
                    .isEqualTo(new StepResult.Succeeded(bytes));
            region.randomise(4);
            assertThat(tasks.perform(HelperTask.FILL, region.region(), region.start()))
                    .isEqualTo(new StepResult.Succeeded(bytes));
            assertThat(tasks.perform(HelperTask.VERIFY, region.region(), region.start()))
                    .isEqualTo(new StepResult.Succeeded(bytes));
            assertThat(region.bytes()).isEqualTo(original);
        }
    }

    @Test
    void refusesMemoryThatDiffersFromTheSnapshotInOneByte() throws Exception {
        try (Memory region = new Memory(6 * MB, 5);
                RegionTasks tasks = tasks()) {
            assertSucceeds(tasks, HelperTask.SNAPSHOT, region);
            byte[] changed = region.bytes();
            changed[3 * MB + 17]++;
            region.set(changed);
            assertThat(tasks.perform(HelperTask.VERIFY, region.region(), region.start()))
                    .isEqualTo(new StepResult.Refused(
                            "the bytes at offset 0x300000 of the region are not what was written"));
            region.randomise(5);
            assertSucceeds(tasks, HelperTask.VERIFY, region);
        }
    }

    @Test
    void givesTheSnapshotUpOnceItIsVerified() throws Exception {
        try (Memory region = new Memory(2 * MB, 6);
                RegionTasks tasks = tasks()) {
            assertSucceeds(tasks, HelperTask.SNAPSHOT, region);
            assertSucceeds(tasks, HelperTask.VERIFY, region);
            assertThat(tasks.perform(HelperTask.VERIFY, region.region(), region.start()))
                    .isEqualTo(new StepResult.Refused("no snapshot of region r1 to compare with"));
        }
    }

    @Test
    void takesANewSnapshotInPlaceOfTheOld() throws Exception {
        try (Memory region = new Memory(2 * MB, 7);
                RegionTasks tasks = tasks()) {
            assertSucceeds(tasks, HelperTask.SNAPSHOT, region);
            region.randomise(8);
            assertSucceeds(tasks, HelperTask.SNAPSHOT, region);
            assertSucceeds(tasks, HelperTask.VERIFY, region);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 2 * MB, 7 * MB + 4096})
    void withoutASnapshotComparesTheRegionAsItIs(int bytes) throws Exception {
        try (Memory region = new Memory(bytes, 21);
                Memory park = new Memory(bytes, 21);
                RegionTasks tasks = tasks()) {
            assertThat(tasks.perform(HelperTask.VERIFY, region.region(), park.start()))
                    .isEqualTo(new StepResult.Succeeded(bytes));
            byte[] changed = region.bytes();
            changed[bytes - 1]++;
            region.set(changed);
            assertThat(tasks.perform(HelperTask.VERIFY, region.region(), park.start()))
                    .isInstanceOf(StepResult.Refused.class);
        }
    }

    @Test
    void neverComparesARegionWithItself() throws Exception {
        try (Memory region = new Memory(4 * MB, 22);
                RegionTasks tasks = tasks()) {
            assertThat(tasks.perform(
                            HelperTask.VERIFY, region.region(), region.start().plus(2 * MB)))
                    .isEqualTo(new StepResult.Refused("no snapshot of region r1 to compare with"));
        }
    }

    @Test
    void neverFillsTheRegionFromItself() throws Exception {
        try (Memory region = new Memory(4 * MB, 9);
                RegionTasks tasks = tasks()) {
            StepResult refused = new StepResult.Refused("no snapshot of region r1 to fill its own place from");
            assertThat(tasks.perform(HelperTask.FILL, region.region(), region.start()))
                    .isEqualTo(refused);
            assertThat(tasks.perform(
                            HelperTask.FILL, region.region(), region.start().plus(2 * MB)))
                    .isEqualTo(refused);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MB, 8 * MB})
    void reportsWhereNothingCanBeWritten(int bytes) throws Exception {
        try (Memory region = new Memory(bytes, 10);
                RegionTasks tasks = tasks()) {
            assertThat(tasks.perform(HelperTask.FILL, region.region(), NOWHERE))
                    .isEqualTo(new StepResult.Failed(Errno.EFAULT));
        }
    }

    @Test
    void reportsARegionThatCannotBeRead() throws Exception {
        AddressRange range = AddressRange.ofLength(NOWHERE, 8 * MB);
        Region region = new Region(new RegionId("r1"), range, range, 0, Protection.READ_EXECUTE);
        try (Memory stage = new Memory(8 * MB, 11);
                RegionTasks tasks = tasks()) {
            assertThat(tasks.perform(HelperTask.FILL, region, stage.start()))
                    .isEqualTo(new StepResult.Failed(Errno.EFAULT));
            assertThat(tasks.perform(HelperTask.SNAPSHOT, region, range.start()))
                    .isEqualTo(new StepResult.Failed(Errno.EFAULT));
            assertThat(tasks.perform(HelperTask.VERIFY, region, range.start())).isInstanceOf(StepResult.Refused.class);
        }
    }

    @Test
    void reportsAProcessThatIsGone() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        try (Memory region = new Memory(8 * MB, 12);
                RegionTasks tasks = new RegionTasks(calls, crew, (int) gone.pid())) {
            assertThat(tasks.perform(HelperTask.FILL, region.region(), NOWHERE))
                    .isEqualTo(new StepResult.Failed(Errno.ESRCH));
        }
    }

    private static void assertSucceeds(RegionTasks tasks, HelperTask task, Memory region) {
        assertThat(tasks.perform(task, region.region(), region.start()).isSuccess())
                .isTrue();
    }

    private RegionTasks tasks() throws Exception {
        return new RegionTasks(calls, crew, OwnProcess.id(ROOT));
    }

    /** A block of random bytes that plays a region of the target. */
    private final class Memory implements AutoCloseable {
        private final NativeMemory block;

        Memory(int bytes, long seed) throws SysException {
            block = calls.allocate(bytes);
            randomise(seed);
        }

        void randomise(long seed) {
            byte[] content = new byte[block.length()];
            new Random(seed).nextBytes(content);
            set(content);
        }

        void set(byte[] content) {
            block.set(content);
        }

        byte[] bytes() {
            byte[] content = new byte[block.length()];
            block.copyTo(content, content.length);
            return content;
        }

        Address start() {
            return block.start();
        }

        Region region() {
            AddressRange range = AddressRange.ofLength(block.start(), block.length());
            return new Region(new RegionId("r1"), range, range, 0, Protection.READ_EXECUTE);
        }

        @Override
        public void close() {
            block.close();
        }
    }
}
