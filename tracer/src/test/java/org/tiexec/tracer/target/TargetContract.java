package org.tiexec.tracer.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.remote.AccessGrant;
import org.tiexec.tracer.remote.RemoteSignals;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.sys.SignalInfo;

/** What every {@link Target} must do, the traced process and the fake alike. */
abstract class TargetContract {
    private static final long READ_WRITE = 3;
    private static final long PRIVATE_ANONYMOUS = 0x22;

    /** A target that stands in a stop from which calls can be injected. */
    abstract Target target();

    @Test
    void registersThatAreSetAreReadBack() {
        Target target = target();
        var saved = target.registers();
        var changed = new X8664().resumingAt(saved, new Address(0x1234));
        target.setRegisters(changed);
        assertThat(target.registers().words()).isEqualTo(changed.words());
        target.setRegisters(saved);
        assertThat(target.registers().words()).isEqualTo(saved.words());
    }

    @Test
    void aSignalMaskThatIsSetIsReadBack() {
        Target target = target();
        target.setSignalMask(0x4000);
        assertThat(target.signalMask()).isEqualTo(0x4000);
    }

    @Test
    void remoteCallsReturnTheKernelsResultAndLeaveNothingBehind() throws Exception {
        Target target = target();
        X8664 arch = new X8664();
        String maps = maps(target);
        long mask = target.signalMask();
        var registers = target.registers();
        try (RemoteSyscalls calls = RemoteSyscalls.open(target, arch)) {
            long area = calls.call(SyscallName.MMAP, 0, 8192, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
            assertThat(Errno.isError(area)).isFalse();
            assertThat(target.signalMask())
                    .as("every signal is blocked meanwhile")
                    .isNotEqualTo(mask);

            byte[] text = "written from outside".getBytes(StandardCharsets.US_ASCII);
            target.write(new Address(area + 100), text);
            ByteBuffer back = ByteBuffer.allocate(text.length);
            target.read(new Address(area + 100), back);
            assertThat(back.array()).isEqualTo(text);

            assertThat(calls.call(SyscallName.MUNMAP, area, 8192)).isZero();
        }
        assertThat(maps(target)).isEqualTo(maps);
        assertThat(target.signalMask()).isEqualTo(mask);
        assertThat(target.registers().words())
                .isEqualTo(arch.restoring(registers).words());
    }

    @Test
    void aFailingRemoteCallIsANegativeErrorNumber() throws Exception {
        Target target = target();
        try (RemoteSyscalls calls = RemoteSyscalls.open(target, new X8664())) {
            long result = calls.call(SyscallName.MADVISE, 0x1000, PageSize.BASE, 14);
            assertThat(Errno.isError(result)).isTrue();
        }
    }

    @Test
    void signalsThatItSendsItselfLookAsOthersHaveSentThem() throws Exception {
        Target target = target();
        X8664 arch = new X8664();
        String maps = maps(target);
        var registers = target.registers();
        target.setSignalMask(-1L);
        SignalInfo byKill = SignalInfo.of(15, 0, 4711, 12, 0);
        SignalInfo fromTheKernel = SignalInfo.of(14, 0x80, 0, 0, 0);
        SignalInfo withPayload = SignalInfo.of(35, -1, 4712, 13, 99);

        assertThat(RemoteSignals.send(target, arch, List.of(byKill, withPayload, fromTheKernel)))
                .isEmpty();

        assertThat(target.pendingSignals()).containsExactly(byKill, withPayload, fromTheKernel);
        assertThat(maps(target)).isEqualTo(maps);
        assertThat(target.registers().words())
                .isEqualTo(arch.restoring(registers).words());
    }

    /** A kernel without Yama refuses, which must not change anything either. */
    @Test
    void aLeaveToReadThatIsGivenOrRefusedAndTakenBackLeavesNothingBehind() throws Exception {
        Target target = target();
        X8664 arch = new X8664();
        String maps = maps(target);
        long mask = target.signalMask();
        var registers = target.registers();
        boolean hasYama = Files.exists(Path.of("/proc/sys/kernel/yama/ptrace_scope"));
        int reader = (int) ProcessHandle.current().pid();

        if (target instanceof PtraceTarget && !hasYama) {
            assertThatThrownBy(() -> new AccessGrant(target, arch, reader).open())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("PR_SET_PTRACER")
                    .hasMessageContaining("EINVAL");
        } else {
            AccessGrant grant = new AccessGrant(target, arch, reader);
            grant.open();
            grant.close();
            assertThat(grant.leftBehind()).isEmpty();
        }

        assertThat(maps(target)).isEqualTo(maps);
        assertThat(target.signalMask()).isEqualTo(mask);
        assertThat(target.registers().words())
                .isEqualTo(arch.restoring(registers).words());
    }

    private static String maps(Target target) throws Exception {
        return new String(target.procFile("maps"), StandardCharsets.UTF_8);
    }
}
