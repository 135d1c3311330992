package org.tiexec.tracer.arch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;

/** 64-bit x86, for threads of a running process. */
public final class X8664Live extends X8664 implements LiveArchitecture {

    private static final long EINTR = -4;

    private static final int NANOS_PER_MILLI = 1_000_000;

    /** What a system call changes ({@code syscall} itself, too) and what carries its arguments. */
    private static final int[] RELOADED = {
        X8664Register.RAX,
        X8664Register.RCX,
        X8664Register.RDX,
        X8664Register.RSI,
        X8664Register.RDI,
        X8664Register.R8,
        X8664Register.R9,
        X8664Register.R10,
        X8664Register.R11
    };

    /** {@code mov reg, [rip + ...]}: prefix, opcode, register of each of {@link #RELOADED}. */
    private static final int[] LOADS = {
        0x488b05, 0x488b0d, 0x488b15, 0x488b35, 0x488b3d, 0x4c8b05, 0x4c8b0d, 0x4c8b15, 0x4c8b1d
    };

    private static final int LOAD_BYTES = 7;
    private static final int JUMP_BYTES = 6;
    private static final int RET = 0xc3;
    private static final int REX = 0x40;
    private static final int REX_MASK = 0xf0;

    /** {@code mov rax, 15; syscall} in its two encodings ({@code rt_sigreturn}). */
    private static final byte[][] SIGNAL_RETURNS = {
        {0x48, (byte) 0xc7, (byte) 0xc0, 15, 0, 0, 0, 0x0f, 0x05}, {(byte) 0xb8, 15, 0, 0, 0, 0x0f, 0x05}
    };

    @Override
    public Address stackPointer(Registers registers) {
        return new Address(registers.word(X8664Register.RSP));
    }

    @Override
    public boolean isInCall(Registers registers) {
        return registers.word(X8664Register.ORIG_RAX) >= 0;
    }

    @Override
    public int callBytes() {
        return SYSCALL_BYTES;
    }

    @Override
    public Interruption interruption(long number, long... arguments) {
        return X8664Interruption.of(number, arguments);
    }

    @Override
    public Interruption interruption(Registers registers) {
        return interruption(callNumber(registers), arguments(registers));
    }

    private static long[] arguments(Registers registers) {
        return new long[] {
            registers.word(X8664Register.RDI),
            registers.word(X8664Register.RSI),
            registers.word(X8664Register.RDX),
            registers.word(X8664Register.R10),
            registers.word(X8664Register.R8),
            registers.word(X8664Register.R9)
        };
    }

    @Override
    public boolean isRestartedCall(long number) {
        return number == RESTART_SYSCALL;
    }

    @Override
    public boolean isToBeMadeAgain(Registers registers) {
        long result = result(registers);
        return isInCall(registers)
                && ((result <= ERESTARTSYS && result >= ERESTARTNOHAND)
                        || result == ERESTART_RESTARTBLOCK
                        || isFailedByStop(registers));
    }

    @Override
    public boolean hasTimeoutElsewhere(Registers registers) {
        return X8664Interruption.hasTimeoutElsewhere(callNumber(registers), arguments(registers));
    }

    @Override
    public boolean isFailedByStop(Registers registers) {
        return isInCall(registers)
                && result(registers) == EINTR
                && X8664Interruption.canBeMadeAgain(callNumber(registers));
    }

    @Override
    public Optional<Duration> timeoutInRegister(long number, long... arguments) {
        if (!X8664Interruption.hasTimeoutInRegister(number)) {
            return Optional.empty();
        }
        // The kernel takes an int; a negative one stands for ever.
        int millis = (int) arguments[3];
        return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }

    @Override
    public Optional<Duration> timeoutInRegister(Registers registers) {
        return timeoutInRegister(callNumber(registers), arguments(registers));
    }

    @Override
    public Registers withTimeout(Registers registers, Duration timeout) {
        long millis = Math.floorDiv(timeout.toNanos() + NANOS_PER_MILLI - 1, NANOS_PER_MILLI);
        return registers.with(X8664Register.R10, millis);
    }

    @Override
    public Registers aborted(Registers registers, Address abortHandler) {
        return registers.with(X8664Register.RIP, abortHandler.bits());
    }

    @Override
    public Registers nativeHome(Registers saved) {
        return isFailedByStop(saved) ? saved.with(X8664Register.RAX, ERESTARTNOHAND) : saved;
    }

    @Override
    public Registers lonelyHome(Registers saved) {
        return restoring(nativeHome(saved));
    }

    @Override
    public byte[] stubCode() {
        int length = SYSCALL_BYTES + RELOADED.length * LOAD_BYTES + JUMP_BYTES;
        ByteBuffer code = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        code.put(syscallInstruction());
        for (int i = 0; i < LOADS.length; i++) {
            code.put((byte) (LOADS[i] >> 16)).put((byte) (LOADS[i] >> 8)).put((byte) LOADS[i]);
            code.putInt(distance(i, code.position() + Integer.BYTES));
        }
        // jmp [rip + ...]
        code.put((byte) 0xff).put((byte) 0x25).putInt(distance(RELOADED.length, code.position() + Integer.BYTES));
        return code.array();
    }

    private static int distance(int word, int from) {
        return (int) PageSize.BASE + word * Long.BYTES - from;
    }

    @Override
    public byte[] stubData(Registers saved) {
        Registers home = lonelyHome(saved);
        ByteBuffer data =
                ByteBuffer.allocate((RELOADED.length + 1) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int register : RELOADED) {
            data.putLong(home.word(register));
        }
        data.putLong(home.word(X8664Register.RIP));
        return data.array();
    }

    @Override
    public Optional<Integer> callThenReturn(byte[] code) {
        for (int at = 0; at + SYSCALL_BYTES < code.length; at++) {
            if (code[at] == 0x0f && code[at + 1] == 0x05 && returnsFrom(code, at + SYSCALL_BYTES)) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    /** Follows instructions of the form {@code xor reg, reg}, with which the vDSO clears what it has used. */
    private static boolean returnsFrom(byte[] code, int start) {
        int at = start;
        while (at < code.length && (code[at] & 0xff) != RET) {
            if ((code[at] & REX_MASK) == REX) {
                at++;
            }
            if (at + 1 >= code.length || code[at] != 0x31 || !clears(code[at + 1])) {
                return false;
            }
            at += 2;
        }
        return at < code.length;
    }

    /** Two registers of the same number, of which none is the stack pointer. */
    private static boolean clears(byte operands) {
        int stackPointer = 4;
        int one = operands >> 3 & 7;
        return (operands & 0xc0) == 0xc0 && one == (operands & 7) && one != stackPointer;
    }

    @Override
    public Optional<Integer> signalReturn(byte[] code) {
        for (int at = 0; at < code.length; at++) {
            for (byte[] form : SIGNAL_RETURNS) {
                if (startsWith(code, at, form)) {
                    return Optional.of(at);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean startsWith(byte[] code, int at, byte[] form) {
        for (int i = 0; i < form.length; i++) {
            if (at + i >= code.length || code[at + i] != form[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int signalFrameBytes(byte[] processorState) {
        return X8664SignalFrame.bytes(processorState);
    }

    @Override
    public SignalFrame signalFrame(
            Registers saved, Address stack, Address signalReturn, long signalMask, byte[] processorState) {
        boolean waitsForATime = isInCall(saved) && result(saved) == ERESTART_RESTARTBLOCK;
        Registers home = lonelyHome(waitsForATime ? saved.with(X8664Register.RAX, ERESTARTNOHAND) : saved);
        return X8664SignalFrame.of(home, stack, signalReturn, signalMask, processorState);
    }

    @Override
    public Registers callingWithStack(
            Registers base, Address stack, Address instruction, long number, long... arguments) {
        return calling(base, instruction, number, arguments)
                .with(X8664Register.RSP, stack.bits())
                .with(X8664Register.ORIG_RAX, NO_CALL);
    }
}
