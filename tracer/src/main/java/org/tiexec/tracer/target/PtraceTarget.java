package org.tiexec.tracer.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.arch.UserWord;
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
    private final NativeLibrary library;
    private final Ptrace ptrace;
    private final Processes processes;
    private Optional<ProcessMemory> memory = Optional.empty();
    private boolean stopAsked;

    private PtraceTarget(int pid, NativeLibrary library, Processes processes) {
        this.pid = pid;
        this.library = library;
        this.ptrace = new Ptrace(library, pid);
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
        PtraceTarget target = new PtraceTarget(pid, library, processes);
        // Without O_TRACEEXEC at first: an execve of its own may still be under way.
        target.ptrace.seize(Ptrace.O_TRACESYSGOOD | (dieWithTracer ? Ptrace.O_EXITKILL : 0));
        target.ptrace.interrupt();
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
        PtraceTarget target = new PtraceTarget(pid, library, processes);
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

    /**
     * Lets it run as it would without us, and waits for it to stop or to end.
     *
     * @param signal the one at whose delivery it stands and that it is to get, or 0
     * @param limit how long to wait
     * @return empty if it goes on running
     * @throws SysException with ECHILD if it is no longer ours, because another of its threads has executed a program
     */
    public Optional<WaitStatus> runOn(int signal, Duration limit) {
        ptrace.resume(signal);
        return awaitStop(limit);
    }

    /** The same for one that a signal has stopped: it stays so until it is continued. */
    public Optional<WaitStatus> stayStopped(Duration limit) {
        ptrace.listen();
        return awaitStop(limit);
    }

    /** Asks it to stop while it runs, and waits for that; what comes first may be something else. */
    public Optional<WaitStatus> interrupt(Duration limit) {
        ptrace.interrupt();
        return awaitStop(limit);
    }

    private Optional<WaitStatus> awaitStop(Duration limit) {
        Optional<Integer> status = processes.awaitStop(pid, limit);
        return status.isPresent() ? Optional.of(WaitStatus.decode(status.get())) : Optional.empty();
    }

    /** The signal at whose delivery it stands. */
    public SignalInfo signal() {
        return ptrace.signalInfo();
    }

    /**
     * Writes words of its {@code struct user}, in this order.
     *
     * @throws SysException if the kernel does not let us, as where there are no debug registers
     */
    public void writeUser(List<UserWord> words) {
        for (UserWord word : words) {
            ptrace.writeUserWord(word.offset(), word.value());
        }
    }

    /** Writes eight bytes into its memory, even into code, the lowest first. */
    public void writeCode(Address to, long word) {
        ptrace.writeWord(to.bits(), word);
    }

    /** Has each child that it forks stop at its beginning, and itself as well; it dies with the tracer meanwhile. */
    public void meetForks() {
        ptrace.setOptions(BASE_OPTIONS | Ptrace.O_EXITKILL | Ptrace.O_TRACEFORK);
    }

    /**
     * The child at whose fork it stands, at that child's beginning.
     *
     * @throws TargetGoneException if it has ended already
     */
    public PtraceTarget forked() throws TargetGoneException {
        PtraceTarget child = new PtraceTarget((int) ptrace.eventMessage(), library, processes);
        child.awaitInterruptStop();
        return child;
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

    /**
     * Bytes of the file that it executes, which is found whatever its path is by now; zeros behind the file's end.
     *
     * @throws IOException if it may not be read
     */
    public byte[] executable(long offset, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        try (FileChannel file = FileChannel.open(Path.of("/proc/" + pid + "/exe"), StandardOpenOption.READ)) {
            ByteBuffer into = ByteBuffer.wrap(content);
            while (into.hasRemaining() && file.read(into, offset + into.position()) > 0) {
                // as much as there is
            }
        }
        return content;
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
