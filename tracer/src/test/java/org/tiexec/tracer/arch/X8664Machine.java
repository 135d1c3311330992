package org.tiexec.tracer.arch;

import java.util.Arrays;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.target.FakeMemory;

/** Just enough of a processor to run a system-call instruction and the loop of the scratch page. */
public final class X8664Machine {
    private static final int RAX = 10;
    private static final int ORIG_RAX = 15;
    private static final int RIP = 16;
    private static final int[] ARGUMENTS = {14, 13, 12, 7, 9, 8};
    private static final int SYSCALL_IN_LOOP = 14;

    private final X8664 arch = new X8664();
    private final FakeMemory memory;

    public X8664Machine(FakeMemory memory) {
        this.memory = memory;
    }

    /** The registers at the entry of the next system call. */
    public Registers enter(Registers registers) {
        long rip = registers.word(RIP);
        if (startsWith(rip, arch.syscallInstruction())) {
            return at(registers, registers.word(RAX), rip + 2);
        }
        long loop = startsWith(rip, arch.exitLoop()) ? rip : rip - SYSCALL_IN_LOOP - 2;
        if (!startsWith(loop, arch.exitLoop())) {
            throw new IllegalStateException("executes no known code at " + Long.toHexString(rip));
        }
        return at(registers, arch.number(InjectedCall.EXIT_GROUP), loop + SYSCALL_IN_LOOP + 2);
    }

    private static Registers at(Registers registers, long call, long rip) {
        return registers.with(ORIG_RAX, call).with(RIP, rip).with(RAX, -Errno.ENOSYS.number());
    }

    /** The registers at the exit of a call. */
    public Registers exit(Registers registers, long result) {
        return registers.with(RAX, result);
    }

    /** The six arguments of the call that was entered. */
    public long[] arguments(Registers registers) {
        long[] arguments = new long[ARGUMENTS.length];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = registers.word(ARGUMENTS[i]);
        }
        return arguments;
    }

    private boolean startsWith(long address, byte[] code) {
        try {
            return Arrays.equals(memory.read(address, code.length), code);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
