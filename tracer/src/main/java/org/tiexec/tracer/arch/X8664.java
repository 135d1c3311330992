package org.tiexec.tracer.arch;

import java.util.List;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;

/** 64-bit x86 ({@code asm/user_64.h}, {@code asm/unistd_64.h}). */
public class X8664 implements Architecture {
    private static final int REGISTERS = X8664Register.COUNT;
    private static final int R10 = X8664Register.R10;
    private static final int R9 = X8664Register.R9;
    private static final int R8 = X8664Register.R8;
    private static final int RAX = X8664Register.RAX;
    private static final int RDX = X8664Register.RDX;
    private static final int RSI = X8664Register.RSI;
    private static final int RDI = X8664Register.RDI;
    private static final int ORIG_RAX = X8664Register.ORIG_RAX;
    private static final int RIP = X8664Register.RIP;
    private static final int CS = X8664Register.CS;

    /** The code segment of 64-bit user code ({@code __USER_CS}, {@code asm/segment.h}). */
    private static final long USER_CS = 0x33;

    /** Where the debug registers 0 and 7 are in {@code struct user} ({@code u_debugreg}, {@code sys/user.h}). */
    private static final long DEBUG_ADDRESS = 848;

    private static final long DEBUG_CONTROL = DEBUG_ADDRESS + 7 * Long.BYTES;

    /** Local breakpoint 0, type execution, one byte: what the processor's manual demands of that type. */
    private static final long BREAK_ON_EXECUTION = 1;

    private static final int[] ARGUMENTS = {RDI, RSI, RDX, R10, R8, R9};

    /** {@code AUDIT_ARCH_I386} ({@code linux/audit.h}): also a 64-bit program can make the calls of 32-bit ones. */
    private static final int ABI_32 = 0x40000003;

    /** {@code __X32_SYSCALL_BIT} ({@code asm/unistd.h}). */
    private static final long X32_BIT = 0x40000000;

    static final long NO_CALL = -1;
    static final int SYSCALL_BYTES = 2;

    /** Kernel-internal results of interrupted calls ({@code linux/errno.h}). */
    static final long ERESTARTSYS = -512;

    /** Made again unless a handler runs. */
    static final long ERESTARTNOHAND = -514;

    static final long ERESTART_RESTARTBLOCK = -516;
    static final long RESTART_SYSCALL = 219;

    @Override
    public String name() {
        return "x86_64";
    }

    @Override
    public boolean matches(Registers registers) {
        return registers.count() == REGISTERS && registers.word(CS) == USER_CS;
    }

    @Override
    public long number(SyscallName call) {
        return switch (call) {
            case MMAP -> 9;
            case MPROTECT -> 10;
            case MUNMAP -> 11;
            case MREMAP -> 25;
            case MADVISE -> 28;
        };
    }

    @Override
    public long number(InjectedCall call) {
        return switch (call) {
            case EXECVE -> 59;
            case RT_SIGACTION -> 13;
            case RT_SIGPROCMASK -> 14;
            case SETITIMER -> 38;
            case PRCTL -> 157;
            case CLOSE_RANGE -> 436;
            case DUP3 -> 292;
            case RT_SIGQUEUEINFO -> 129;
            case RT_TGSIGQUEUEINFO -> 297;
            case EXIT_GROUP -> 231;
            case PTRACE -> 101;
            case PROCESS_VM_READV -> 310;
            case PROCESS_VM_WRITEV -> 311;
            case UNSHARE -> 272;
            case SCHED_GETSCHEDULER -> 145;
            case RT_SIGTIMEDWAIT -> 128;
            case SETPGID -> 109;
            case SETGROUPS -> 116;
            case SETRESGID -> 119;
            case SETRESUID -> 117;
            case GETXATTR -> 191;
            case PIDFD_OPEN -> 434;
        };
    }

    @Override
    public ExecForm execForm(int abi, long number) {
        if (abi == ABI_32) {
            return number == 11 ? ExecForm.PATH : number == 358 ? ExecForm.DESCRIPTOR : ExecForm.NONE;
        }
        if (number == 59 || number == (X32_BIT | 520)) {
            return ExecForm.PATH;
        }
        return number == 322 || number == (X32_BIT | 545) ? ExecForm.DESCRIPTOR : ExecForm.NONE;
    }

    @Override
    public byte[] syscallInstruction() {
        return new byte[] {0x0f, 0x05};
    }

    @Override
    public byte[] exitLoop() {
        return new byte[] {
            0x48,
            (byte) 0xc7,
            (byte) 0xc0,
            (byte) 0xe7,
            0,
            0,
            0, // mov rax, 231
            0x48,
            (byte) 0xc7,
            (byte) 0xc7,
            1,
            0,
            0,
            0, // mov rdi, 1
            0x0f,
            0x05, // syscall
            (byte) 0xeb,
            (byte) 0xee // jmp to the start
        };
    }

    @Override
    public byte[] trialProgram(List<TrialCall> calls) {
        return X8664TrialProgram.image(calls);
    }

    @Override
    public Registers calling(Registers base, Address instruction, long number, long... arguments) {
        return withArguments(resumingAt(base, instruction).with(RAX, number), arguments);
    }

    @Override
    public Registers substituting(Registers atEntry, long number, long... arguments) {
        return withArguments(atEntry.with(ORIG_RAX, number), arguments);
    }

    private static Registers withArguments(Registers base, long... arguments) {
        Registers registers = base;
        for (int i = 0; i < ARGUMENTS.length; i++) {
            registers = registers.with(ARGUMENTS[i], i < arguments.length ? arguments[i] : 0);
        }
        return registers;
    }

    @Override
    public Registers resumingAt(Registers base, Address instruction) {
        return base.with(RIP, instruction.bits()).with(ORIG_RAX, NO_CALL);
    }

    @Override
    public Address instructionPointer(Registers registers) {
        return new Address(registers.word(RIP));
    }

    @Override
    public byte[] breakpointInstruction() {
        return new byte[] {(byte) 0xcc}; // int3
    }

    @Override
    public List<UserWord> breakpointAt(Address address) {
        // The address first: the kernel wants to know it when the breakpoint is switched on.
        return List.of(new UserWord(DEBUG_ADDRESS, address.bits()), new UserWord(DEBUG_CONTROL, BREAK_ON_EXECUTION));
    }

    @Override
    public List<UserWord> noBreakpoint() {
        return List.of(new UserWord(DEBUG_CONTROL, 0), new UserWord(DEBUG_ADDRESS, 0));
    }

    @Override
    public long callNumber(Registers registers) {
        return registers.word(ORIG_RAX);
    }

    @Override
    public long result(Registers registers) {
        return registers.word(RAX);
    }

    @Override
    public Registers restoring(Registers saved) {
        long call = saved.word(ORIG_RAX);
        long result = saved.word(RAX);
        Registers restored = saved.with(ORIG_RAX, NO_CALL);
        if (call < 0) {
            return restored;
        }
        if (result <= ERESTARTSYS && result >= ERESTARTNOHAND) {
            return restored.with(RAX, call).with(RIP, saved.word(RIP) - SYSCALL_BYTES);
        }
        if (result == ERESTART_RESTARTBLOCK) {
            return restored.with(RAX, RESTART_SYSCALL).with(RIP, saved.word(RIP) - SYSCALL_BYTES);
        }
        return restored;
    }
}
