package org.tiexec.helper.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;

final class RemoteMemoryTest {
    private static final File ROOT = new File("/");
    private static final int BYTES = 100_000;

    private final NativeCalls calls = NativeCalls.bind();

    @Test
    void copiesThereAndBack() throws Exception {
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        try (NativeMemory here = calls.allocate(BYTES);
                NativeMemory there = calls.allocate(BYTES);
                NativeMemory back = calls.allocate(BYTES);
                RemoteMemory ourselves = calls.memoryOf(OwnProcess.id(ROOT))) {
            here.set(content);
            ourselves.write(here, BYTES, there.start());
            ourselves.read(there.start(), back, BYTES);
            byte[] copy = new byte[BYTES];
            back.copyTo(copy, BYTES);
            assertThat(copy).isEqualTo(content);
            assertThat(back.startsLike(here, BYTES)).isTrue();
            content[BYTES - 1]++;
            here.set(content);
            assertThat(back.startsLike(here, BYTES)).isFalse();
            assertThat(back.startsLike(here, BYTES - 1)).isTrue();
        }
    }

    @Test
    void readsAProgramThatRunsBesideUs() throws Exception {
        Process cat = new ProcessBuilder("cat").start();
        try (NativeMemory buffer = calls.allocate(4);
                RemoteMemory memory = calls.memoryOf((int) cat.pid())) {
            Mapping first =
                    new ProcessFiles(ROOT, (int) cat.pid()).read().mappings().get(0);
            memory.read(first.range().start(), buffer, 4);
            byte[] magic = new byte[4];
            buffer.copyTo(magic, 4);
            assertThat(magic).containsExactly(0x7f, 'E', 'L', 'F');
        } finally {
            cat.destroyForcibly().waitFor();
        }
    }

    @Test
    void saysWhereAWriteWasRefused() throws Exception {
        try (NativeMemory here = calls.allocate(8);
                RemoteMemory ourselves = calls.memoryOf(OwnProcess.id(ROOT))) {
            assertThatThrownBy(() -> ourselves.write(here, 8, new Address(0x10)))
                    .isInstanceOfSatisfying(
                            SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT))
                    .hasMessage(
                            "process_vm_writev of process " + OwnProcess.id(ROOT) + " at 0x10: EFAULT (Bad address)");
        }
    }

    @Test
    void goesOnAfterAPartialReadUntilTheKernelSaysWhy() throws Exception {
        Mapping last = lastBeforeAGap(
                new ProcessFiles(ROOT, OwnProcess.id(ROOT)).read().mappings());
        Address start = new Address(last.range().end().bits() - PageSize.BASE);
        int bytes = (int) (2 * PageSize.BASE);
        try (NativeMemory buffer = calls.allocate(bytes);
                RemoteMemory ourselves = calls.memoryOf(OwnProcess.id(ROOT))) {
            assertThatThrownBy(() -> ourselves.read(start, buffer, bytes))
                    .isInstanceOf(SysException.class)
                    .hasMessageContaining(" at " + last.range().end() + ": EFAULT");
        }
    }

    @Test
    void saysThatTheProcessIsGone() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        try (NativeMemory buffer = calls.allocate(8);
                RemoteMemory memory = calls.memoryOf((int) gone.pid())) {
            assertThatThrownBy(() -> memory.read(new Address(0x400000), buffer, 8))
                    .isInstanceOfSatisfying(
                            SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
        }
    }

    @Test
    void startsOnAPageBoundary() throws Exception {
        for (int bytes : new int[] {1, 32, 5000, 1 << 20}) {
            try (NativeMemory memory = calls.allocate(bytes)) {
                assertThat(memory.start().isAligned(PageSize.BASE)).isTrue();
                assertThat(memory.length()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void refusesMoreThanThereIsAndWhatIsClosed() throws Exception {
        NativeMemory memory = calls.allocate(16);
        assertThatThrownBy(() -> memory.copyTo(new byte[17], 17))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("17 bytes of 16");
        memory.close();
        memory.close();
        assertThatThrownBy(() -> memory.copyTo(new byte[16], 16))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("16 bytes of the closed 16");
    }

    /** A mapping of the C library, which nobody moves, with nothing mapped behind it. */
    private static Mapping lastBeforeAGap(List<Mapping> mappings) {
        for (int i = 0; i + 1 < mappings.size(); i++) {
            Mapping mapping = mappings.get(i);
            boolean gap =
                    mapping.range().end().isBelow(mappings.get(i + 1).range().start());
            if (gap && mapping.inode() != 0 && mapping.protection().read()) {
                return mapping;
            }
        }
        throw new IllegalStateException("no file is mapped before a gap");
    }
}
