package org.tiexec.tracer.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.arch.X8664Machine;
import org.tiexec.tracer.sys.SignalInfo;

/** A stopped process that exists only in this JVM: registers, a {@link FakeMemory}, a vDSO with one instruction. */
public final class FakeTarget implements Target {
    private static final String LIMITS = """
            Limit                     Soft Limit           Hard Limit           Units
            Max data size             unlimited            unlimited            bytes
            Max address space         unlimited            unlimited            bytes
            """;

    public static final int PID = 4242;
    public static final long VDSO = 0x7ffff7fc1000L;

    private static final int WORDS = 27;
    private static final int CS = 17;
    private static final long SET_PTRACER = 0x59616d61;
    private static final long USER_CS = 0x33;

    private final Architecture arch;
    private final FakeMemory memory;
    private final X8664Machine machine;
    private final List<String> calls = new ArrayList<>();
    private final List<SignalInfo> pending = new ArrayList<>();
    private Registers registers;
    private long mask = 0x10;
    private boolean diesWithTracer;
    private boolean atEntry;
    private boolean keepsStrangersOut;
    private int admitted;
    private int failingCall = -1;
    private long failure;

    public FakeTarget(FakeMemory memory) {
        this.arch = new X8664();
        this.memory = memory;
        this.machine = new X8664Machine(memory);
        byte[] vdso = new byte[(int) PageSize.BASE];
        System.arraycopy(arch.syscallInstruction(), 0, vdso, 0x40, arch.syscallInstruction().length);
        memory.addFile(VDSO, vdso, "rx", "[vdso]");
        long[] words = new long[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = 0x1000L + i;
        }
        words[CS] = USER_CS;
        this.registers = arch.resumingAt(new Registers(words), new Address(0x401000));
    }

    /** Makes the n-th call from now on return {@code result} and do nothing. */
    public void fail(int n, long result) {
        failingCall = calls.size() + n;
        failure = result;
    }

    /** Lets nobody but its ancestors touch its memory unless it has said so, as {@code kernel.yama.ptrace_scope=1} does. */
    public void keepStrangersOut() {
        keepsStrangersOut = true;
    }

    /** Whether a process that is no ancestor may touch its memory now. */
    public boolean admits(int stranger) {
        return !keepsStrangersOut || stranger == admitted;
    }

    public FakeMemory memory() {
        return memory;
    }

    /** The calls made so far, by name. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    public boolean diesWithTracer() {
        return diesWithTracer;
    }

    @Override
    public int pid() {
        return PID;
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public void setRegisters(Registers registers) {
        this.registers = registers;
    }

    @Override
    public long signalMask() {
        return mask;
    }

    @Override
    public void setSignalMask(long mask) {
        this.mask = mask;
    }

    @Override
    public List<SignalInfo> pendingSignals() {
        return List.copyOf(pending);
    }

    @Override
    public void dieWithTracer(boolean die) {
        diesWithTracer = die;
    }

    @Override
    public void runToSyscallStop() throws TargetGoneException {
        if (atEntry) {
            registers = machine.exit(registers, execute());
            atEntry = false;
            return;
        }
        registers = machine.enter(registers);
        atEntry = true;
    }

    private long execute() throws TargetGoneException {
        long number = arch.callNumber(registers);
        if (number == arch.number(InjectedCall.EXIT_GROUP)) {
            throw new TargetGoneException(new WaitStatus.Exited(1));
        }
        if (number == arch.number(InjectedCall.RT_SIGQUEUEINFO)) {
            long[] arguments = machine.arguments(registers);
            pending.add(SignalInfo.of(memory.read(arguments[2], SignalInfo.BYTES)));
            return 0;
        }
        if (number == arch.number(InjectedCall.PRCTL)) {
            calls.add("prctl");
            return calls.size() - 1 == failingCall ? failure : prctl(machine.arguments(registers));
        }
        for (SyscallName name : SyscallName.values()) {
            if (arch.number(name) == number) {
                calls.add(name.name().toLowerCase(Locale.ROOT));
                return calls.size() - 1 == failingCall ? failure : execute(name, machine.arguments(registers));
            }
        }
        return -Errno.ENOSYS.number();
    }

    /** {@code yama_task_prctl} ({@code security/yama/yama_lsm.c}); a kernel without it knows no such option. */
    private long prctl(long[] a) {
        if (!keepsStrangersOut || a[0] != SET_PTRACER) {
            return -Errno.EINVAL.number();
        }
        admitted = (int) a[1];
        return 0;
    }

    private long execute(SyscallName name, long[] a) {
        return switch (name) {
            case MMAP -> memory.mmap(a[0], a[1], a[2], a[3]);
            case MUNMAP -> memory.munmap(a[0], a[1]);
            case MPROTECT -> memory.mprotect(a[0], a[1], a[2]);
            case MREMAP -> memory.mremap(a[0], a[1], a[3], a[4]);
            case MADVISE -> memory.madvise(a[0], a[1], a[2]);
        };
    }

    @Override
    public void read(Address from, ByteBuffer into) throws IOException {
        try {
            into.put(memory.read(from.bits(), into.remaining()));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void write(Address to, byte[] bytes) {
        memory.write(to.bits(), bytes);
    }

    @Override
    public byte[] procFile(String name) {
        return switch (name) {
            case "maps" -> memory.maps();
            case "smaps" -> memory.smaps();
            case "limits" -> LIMITS.getBytes(StandardCharsets.US_ASCII);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
