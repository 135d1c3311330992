package org.tiexec.tracer.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.Ptrace;
import org.tiexec.tracer.sys.SignalInfo;
import org.tiexec.tracer.sys.SysException;

/** A process held by {@code ptrace(2)}. */
public final class PtraceTarget implements Target {
    /** More is refused; before its first instruction a program has some dozens of mappings. */
    private static final int MAX_PROC_FILE = 16 << 20;

    private static final int SIGKILL = 9;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final int BASE_OPTIONS = Ptrace.O_TRACESYSGOOD | Ptrace.O_TRACEEXEC;

    private final int pid;
    private final Ptrace ptrace;
    private final Processes processes;
    private Optional<ProcessMemory> memory = Optional.empty();
    private boolean stopAsked;

    private PtraceTarget(int pid, Ptrace ptrace, Processes processes) {
        this.pid = pid;
        this.ptrace = ptrace;
        this.processes = processes;
    }

    /**
     * Seizes a process, which goes on running, and stops it at the next instruction that it would execute.
     *
     * <p>Until {@link #dieWithTracer} says otherwise it is killed should the tracer die: what is seized here is a stub
     * that must not be left behind.
     *
     * @throws SysException if the kernel does not let us trace it
     * @throws TargetGoneException if it ends before it can be stopped
     */
    public static PtraceTarget seize(NativeLibrary library, Processes processes, int pid) throws TargetGoneException {
        return seize(library, processes, pid, true);
    }

    /**
     * The same with a process that goes on should the tracer die.
     *
     * @throws SysException if the kernel does not let us trace it
     * @throws TargetGoneException if it ends before it can be stopped
     */
    public static PtraceTarget seizeGently(NativeLibrary library, Processes processes, int pid)
            throws TargetGoneException {
        return seize(library, processes, pid, false);
    }

    private static PtraceTarget seize(NativeLibrary library, Processes processes, int pid, boolean dieWithTracer)
            throws TargetGoneException {
        Ptrace ptrace = new Ptrace(library, pid);
        PtraceTarget target = new PtraceTarget(pid, ptrace, processes);
        // Without O_TRACEEXEC at first: an execve of its own may still be under way.
        ptrace.seize(Ptrace.O_TRACESYSGOOD | (dieWithTracer ? Ptrace.O_EXITKILL : 0));
        ptrace.interrupt();
        target.awaitInterruptStop();
        target.dieWithTracer(dieWithTracer);
        return target;
    }

    /**
     * Takes over a process that is traced by the calling thread already and stands at the exec stop; brings it to the exit of
     * its execve, where it can be given other registers.
     *
     * @throws TargetGoneException if it is killed
     */
    public static PtraceTarget adoptAtExec(NativeLibrary library, Processes processes, int pid)
            throws TargetGoneException {
        PtraceTarget target = new PtraceTarget(pid, new Ptrace(library, pid), processes);
        target.runToSyscallStop();
        return target;
    }

    private void awaitInterruptStop() throws TargetGoneException {
        while (true) {
            WaitStatus status = next();
            if (status instanceof WaitStatus.Event event && event.number() == WaitStatus.Event.STOP) {
                return;
            }
            ptrace.resume(0);
        }
    }

    @Override
    public int pid() {
        return pid;
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
    public void setSignalMask(long mask) {
        ptrace.setSignalMask(mask);
    }

    @Override
    public List<SignalInfo> pendingSignals() {
        return ptrace.pendingSignals();
    }

    @Override
    public void dieWithTracer(boolean die) {
        ptrace.setOptions(die ? BASE_OPTIONS | Ptrace.O_EXITKILL : BASE_OPTIONS);
    }

    @Override
    public void runToSyscallStop() throws TargetGoneException {
        ptrace.resumeToSyscall(0);
        while (!(next() instanceof WaitStatus.SyscallStop)) {
            ptrace.resumeToSyscall(0);
        }
    }

    /** Gives up what this object holds; the target stays traced, by others of this thread. */
    public void handOver() {
        passStopOn();
        giveUp();
    }

    /**
     * Lets a target that stands at the entry of an execve finish it.
     *
     * @return whether it runs the new program now; it stands at the exit of the execve either way
     */
    public boolean runThroughExec() throws TargetGoneException {
        ptrace.resumeToSyscall(0);
        boolean executed = false;
        while (true) {
            WaitStatus status = next();
            if (status instanceof WaitStatus.SyscallStop) {
                return executed;
            }
            if (status instanceof WaitStatus.Event event && event.number() == WaitStatus.Event.EXEC) {
                executed = true;
                closeMemory();
            }
            ptrace.resumeToSyscall(0);
        }
    }

    /** The next stop that is not a signal's: the one signal that nobody can block waits until the target is let go. */
    private WaitStatus next() throws TargetGoneException {
        while (true) {
            WaitStatus status = WaitStatus.decode(processes.await(pid, Processes.WAIT_ALL));
            if (isEnd(status)) {
                throw new TargetGoneException(status);
            }
            if (!(status instanceof WaitStatus.Stopped stopped)) {
                return status;
            }
            stopAsked |= stopped.signal() == SIGSTOP;
            ptrace.resumeToSyscall(0);
        }
    }

    /**
     * Lets the target go. Had it been told to stop meanwhile, it stops now, unless it has also been told to continue: a
     * SIGCONT that waits has come later, because each SIGSTOP takes those before it away.
     */
    public void detach() {
        passStopOn();
        ptrace.detach(0);
        giveUp();
    }

    private void passStopOn() {
        if (stopAsked && pendingSignals().stream().noneMatch(signal -> signal.number() == SIGCONT)) {
            processes.kill(pid, SIGSTOP);
        }
    }

    @Override
    public void read(Address from, ByteBuffer into) throws IOException {
        memory().read(from, into);
    }

    @Override
    public void write(Address to, byte[] bytes) throws IOException {
        memory().write(to, bytes);
    }

    @Override
    public byte[] procFile(String name) throws IOException {
        return ProcessMemory.procFile(pid, name, MAX_PROC_FILE);
    }

    private ProcessMemory memory() throws IOException {
        if (memory.isPresent()) {
            return memory.get();
        }
        ProcessMemory opened = ProcessMemory.open(pid);
        memory = Optional.of(opened);
        return opened;
    }

    private void giveUp() {
        closeMemory();
        ptrace.close();
    }

    private void closeMemory() {
        try {
            if (memory.isPresent()) {
                memory.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        memory = Optional.empty();
    }

    /**
     * Lets a target go on that the kernel is about to end by a signal, and waits for that. It is held until then: whoever is
     * not its parent could not wait for it otherwise.
     */
    public WaitStatus letEnd() {
        ptrace.resume(0);
        while (true) {
            WaitStatus status = WaitStatus.decode(processes.await(pid, Processes.WAIT_ALL));
            if (isEnd(status)) {
                giveUp();
                return status;
            }
            ptrace.resume(status instanceof WaitStatus.Stopped stopped ? stopped.signal() : 0);
        }
    }

    /** Ends the target at once and waits until it is gone. */
    public void kill() {
        giveUp();
        processes.kill(pid, SIGKILL);
        awaitEnd();
    }

    /**
     * How the target ended, should somebody else have killed it in its stop; nothing but that takes it out of one.
     *
     * @return empty if it still stands there
     */
    public Optional<WaitStatus> end() {
        try {
            ptrace.registers();
            return Optional.empty();
        } catch (SysException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                return Optional.empty();
            }
        }
        giveUp();
        return Optional.of(awaitEnd());
    }

    private WaitStatus awaitEnd() {
        WaitStatus status = WaitStatus.decode(processes.await(pid, Processes.WAIT_ALL));
        while (!isEnd(status)) {
            status = WaitStatus.decode(processes.await(pid, Processes.WAIT_ALL));
        }
        return status;
    }

    private static boolean isEnd(WaitStatus status) {
        return status instanceof WaitStatus.Exited || status instanceof WaitStatus.Killed;
    }
}
