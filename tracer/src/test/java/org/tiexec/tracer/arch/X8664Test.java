package org.tiexec.tracer.arch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;

class X8664Test {
    private static final int RAX = 10;
    private static final int ORIG_RAX = 15;
    private static final int RIP = 16;

    private final X8664 arch = new X8664();

    private static Registers registers(long rax, long origRax, long rip) {
        return new Registers(new long[27])
                .with(RAX, rax)
                .with(ORIG_RAX, origRax)
                .with(RIP, rip);
    }

    @ParameterizedTest(name = "result {0} of call {1}: rax {2}, rip {3} lower")
    @CsvSource({
        // a finished call keeps its result
        "0, 59, 0, 0",
        "-4, 35, -4, 0",
        // ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND: made again
        "-512, 0, 0, 2",
        "-513, 56, 56, 2",
        "-514, 7, 7, 2",
        // ERESTART_RESTARTBLOCK: restart_syscall
        "-516, 230, 219, 2",
        // not in a call: whatever rax holds is the program's
        "-512, -1, -512, 0"
    })
    void noKernelInternalResultIsEverRestored(long result, long call, long rax, long rewind) {
        Registers restored = arch.restoring(registers(result, call, 0x401002));
        assertThat(restored.word(RAX)).isEqualTo(rax);
        assertThat(restored.word(RIP)).isEqualTo(0x401002 - rewind);
        assertThat(restored.word(ORIG_RAX)).isEqualTo(-1);
    }

    @Test
    void theExitLoopIsEighteenBytesThatJumpBackToTheirStart() {
        byte[] loop = arch.exitLoop();
        assertThat(loop).hasSize(18).endsWith((byte) 0xeb, (byte) -18);
        assertThat(loop).containsSequence(arch.syscallInstruction());
    }

    @Test
    void aCallIsMadeAtTheInstructionWithItsArgumentsInOrder() {
        Registers registers = arch.calling(registers(1, 2, 3), new Address(0x7000), 9, 11, 12, 13, 14, 15, 16);
        assertThat(registers.word(RAX)).isEqualTo(9);
        assertThat(registers.word(RIP)).isEqualTo(0x7000);
        assertThat(registers.word(ORIG_RAX)).isEqualTo(-1);
        assertThat(new long[] {
                    registers.word(14),
                    registers.word(13),
                    registers.word(12),
                    registers.word(7),
                    registers.word(9),
                    registers.word(8)
                })
                .containsExactly(11, 12, 13, 14, 15, 16);
    }

    @Test
    void registersOfA32BitThreadAreRecognised() {
        assertThat(arch.matches(new Registers(new long[17]))).isFalse();
        assertThat(arch.matches(new Registers(new long[27]).with(17, 0x23))).isFalse();
        assertThat(arch.matches(new Registers(new long[27]).with(17, 0x33))).isTrue();
    }

    @Test
    void callsThatExecuteProgramsAreKnownInAllThreeForms() {
        int abi64 = 0xc000003e;
        int abi32 = 0x40000003;
        X8664 arch = new X8664();

        assertThat(arch.execForm(abi64, 59)).isEqualTo(ExecForm.PATH);
        assertThat(arch.execForm(abi64, 322)).isEqualTo(ExecForm.DESCRIPTOR);
        assertThat(arch.execForm(abi64, 0x40000000L | 520)).isEqualTo(ExecForm.PATH);
        assertThat(arch.execForm(abi64, 0x40000000L | 545)).isEqualTo(ExecForm.DESCRIPTOR);
        assertThat(arch.execForm(abi32, 11)).isEqualTo(ExecForm.PATH);
        assertThat(arch.execForm(abi32, 358)).isEqualTo(ExecForm.DESCRIPTOR);
        assertThat(arch.execForm(abi64, 11)).as("munmap").isEqualTo(ExecForm.NONE);
        assertThat(arch.execForm(abi32, 59)).as("oldolduname").isEqualTo(ExecForm.NONE);
    }
}
