package org.tiexec.tracer.target;

import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.Ptrace;
import org.tiexec.tracer.sys.SysException;

/** A thread seized by {@code ptrace(2)}. */
final class PtraceThread implements SeizedThread {
    /** EIO: what {@code ptrace(2)} answers to a request that the kernel does not know. */
    private static final Errno UNKNOWN_REQUEST = new Errno(5);

    private final int id;
    private final Ptrace ptrace;
    private final Processes processes;

    private PtraceThread(int id, Ptrace ptrace, Processes processes) {
        this.id = id;
        this.ptrace = ptrace;
        this.processes = processes;
    }

    static PtraceThread seize(NativeLibrary library, Processes processes, int id, boolean unfiltered) {
        Ptrace ptrace = new Ptrace(library, id);
        try {
            ptrace.seize(Ptrace.O_TRACESYSGOOD | (unfiltered ? Ptrace.O_SUSPEND_SECCOMP : 0));
        } catch (SysException e) {
            ptrace.close();
            throw e;
        }
        return new PtraceThread(id, ptrace, processes);
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public void interrupt() {
        ptrace.interrupt();
    }

    @Override
    public Optional<WaitStatus> awaitStop(Duration limit) {
        return processes.awaitStop(id, limit).map(WaitStatus::decode);
    }

    @Override
    public Registers registers() {
        return new Registers(ptrace.registers());
    }

    @Override
    public void setRegisters(Registers registers) {
        ptrace.setRegisters(registers.words());
    }

    @Override
    public long signalMask() {
        return ptrace.signalMask();
    }

    @Override
    public byte[] processorState() {
        return ptrace.processorState();
    }

    @Override
    public Optional<Address> restartableSequences() {
        try {
            long address = ptrace.restartableSequences();
            return address == 0 ? Optional.empty() : Optional.of(new Address(address));
        } catch (SysException e) {
            // A kernel that is older than 5.13, or has none at all.
            if (e.errno().equals(UNKNOWN_REQUEST) || e.errno().equals(Errno.EINVAL)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void runToSyscallStop() {
        ptrace.resumeToSyscall(0);
    }

    @Override
    public void letGo(int signal) {
        ptrace.detach(signal);
        ptrace.close();
    }

    @Override
    public void forget() {
        ptrace.close();
    }
}
