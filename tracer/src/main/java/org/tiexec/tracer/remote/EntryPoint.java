package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.AuxiliaryVector;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * The way of a program from its first instruction, in ld.so, to its own entry point ({@code AT_ENTRY}), where its libraries
 * are mapped, relocated and initialised.
 *
 * <p>On the way it runs as it would without us: it gets its signals, stops and goes on, may end or execute another program.
 * Only it dies with the tracer, since nobody else could take the breakpoint back. A debug register stops it if there is one,
 * for which no page of it is written; else an instruction at the entry point, which is put back, and its page given back to
 * the file. Children that it forks on the way do not keep that instruction either.
 */
public final class EntryPoint {
    private static final int SIGTRAP = 5;

    /** {@code SIGTRAP} of a breakpoint: {@code SI_KERNEL}, {@code TRAP_BRKPT}, {@code TRAP_HWBKPT}. */
    private static final int SI_KERNEL = 0x80;

    private static final int TRAP_BRKPT = 1;
    private static final int TRAP_HWBKPT = 4;

    /** A thread that does not stop in this time waits for something that nothing interrupts. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(1);

    private final PtraceTarget target;
    private final Architecture arch;
    private final Duration patience;
    private final boolean sparing;

    private EntryPoint(PtraceTarget target, Architecture arch, Duration patience, boolean sparing) {
        this.target = target;
        this.arch = arch;
        this.patience = patience;
        this.sparing = sparing;
    }

    /**
     * Prepares the way of a program that stands before its first instruction.
     *
     * @param patience how long it may take
     */
    public static EntryPoint of(PtraceTarget target, Architecture arch, Duration patience) {
        return new EntryPoint(target, arch, patience, true);
    }

    /** The same without a debug register. */
    public static EntryPoint byInstruction(PtraceTarget target, Architecture arch, Duration patience) {
        return new EntryPoint(target, arch, patience, false);
    }

    /**
     * Lets the program run to its entry point.
     *
     * @return where it is now; unless it is lost, it stands there
     * @throws IOException if it cannot be read; it stands before its first instruction
     * @throws TargetGoneException if it has ended
     * @throws SysException if the kernel refuses; it must not run on
     */
    public Arrival reach() throws IOException, TargetGoneException {
        Optional<Address> entry = new AuxiliaryVector(target.procFile("auxv")).entryPoint();
        if (entry.isEmpty() || isAt(entry.get())) {
            // Without an interpreter it begins there.
            return Arrival.AT_ENTRY;
        }
        Optional<Breakpoint> breakpoint = breakpoint(entry.get());
        if (breakpoint.isEmpty()) {
            return Arrival.NO_WAY;
        }
        try {
            target.dieWithTracer(true);
            breakpoint.get().set();
            return travel(entry.get(), breakpoint.get());
        } catch (SysException e) {
            if (e.errno().equals(Errno.ECHILD) || e.errno().equals(Errno.ESRCH)) {
                return lost(e);
            }
            throw e;
        }
    }

    /** Who is not its parent learns nothing but that it is not ours any more. */
    private Arrival lost(SysException reason) throws TargetGoneException {
        if (reason.errno().equals(Errno.ECHILD)) {
            return Arrival.LOST;
        }
        Optional<WaitStatus> end = target.end();
        if (end.isPresent()) {
            throw new TargetGoneException(end.get());
        }
        throw reason;
    }

    private boolean isAt(Address place) {
        return arch.instructionPointer(target.registers()).equals(place);
    }

    private Optional<Breakpoint> breakpoint(Address entry) throws IOException {
        if (sparing) {
            Breakpoint register = new DebugRegister(target, arch, entry);
            if (register.isPossible()) {
                return Optional.of(register);
            }
        }
        Breakpoint instruction = BreakInstruction.at(entry, target, arch);
        return instruction.isPossible() ? Optional.of(instruction) : Optional.empty();
    }

    private Arrival travel(Address entry, Breakpoint breakpoint) throws IOException, TargetGoneException {
        long deadline = System.nanoTime() + patience.toNanos();
        Optional<WaitStatus> status = target.runOn(0, patience);
        while (status.isPresent() && System.nanoTime() < deadline) {
            WaitStatus now = status.get();
            Optional<Arrival> arrival = arrival(now, entry, breakpoint);
            if (arrival.isPresent()) {
                return arrival.get();
            }
            status = goOn(now, breakpoint, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
        return late(entry, breakpoint, status);
    }

    /** Where a stop shows that the program has come to; empty if it is still on its way. */
    private Optional<Arrival> arrival(WaitStatus now, Address entry, Breakpoint breakpoint)
            throws IOException, TargetGoneException {
        if (isThere(now, breakpoint)) {
            return Optional.of(arrived(entry, breakpoint));
        }
        if (now instanceof WaitStatus.Event event && event.number() == WaitStatus.Event.EXEC) {
            // The breakpoint is gone with the program that had it.
            target.dieWithTracer(false);
            return Optional.of(Arrival.OTHER_PROGRAM);
        }
        return Optional.empty();
    }

    private boolean isThere(WaitStatus status, Breakpoint breakpoint) {
        if (!(status instanceof WaitStatus.Stopped stopped) || stopped.signal() != SIGTRAP) {
            return false;
        }
        int code = target.signal().code();
        boolean ofBreakpoint = code == SI_KERNEL || code == TRAP_BRKPT || code == TRAP_HWBKPT;
        return ofBreakpoint && isAt(breakpoint.whereItStops());
    }

    private Arrival arrived(Address entry, Breakpoint breakpoint) throws IOException, TargetGoneException {
        breakpoint.clear();
        target.setRegisters(arch.resumingAt(target.registers(), entry));
        target.dieWithTracer(false);
        breakpoint.tidyUp();
        return Arrival.AT_ENTRY;
    }

    /** Lets it go on from any other stop, with what that stop was about. */
    private Optional<WaitStatus> goOn(WaitStatus status, Breakpoint breakpoint, Duration limit)
            throws TargetGoneException {
        if (status instanceof WaitStatus.Exited || status instanceof WaitStatus.Killed) {
            throw new TargetGoneException(status);
        }
        if (status instanceof WaitStatus.Stopped stopped) {
            return target.runOn(stopped.signal(), limit);
        }
        if (status instanceof WaitStatus.Event event) {
            if (event.isGroupStop()) {
                return target.stayStopped(limit);
            }
            if (event.number() == WaitStatus.Event.FORK) {
                release(breakpoint);
            }
        }
        return target.runOn(0, limit);
    }

    /** A child has the breakpoint in its copy of the code; it is none of ours otherwise. */
    private void release(Breakpoint breakpoint) {
        try {
            PtraceTarget child = target.forked();
            breakpoint.clearIn(child);
            child.detach();
        } catch (TargetGoneException | SysException e) {
            // It has been killed before its first instruction.
            return;
        }
    }

    /** Stops it wherever it is, however long that takes: it must not meet the breakpoint without us. */
    private Arrival late(Address entry, Breakpoint breakpoint, Optional<WaitStatus> last)
            throws IOException, TargetGoneException {
        Optional<WaitStatus> status = last.isPresent() ? last : target.interrupt(STOP_LIMIT);
        while (true) {
            while (status.isEmpty()) {
                status = target.interrupt(STOP_LIMIT);
            }
            WaitStatus now = status.get();
            Optional<Arrival> arrival = arrival(now, entry, breakpoint);
            if (arrival.isPresent()) {
                return arrival.get();
            }
            if (now instanceof WaitStatus.Event event && event.number() == WaitStatus.Event.STOP) {
                breakpoint.clear();
                target.dieWithTracer(false);
                return Arrival.LATE;
            }
            // With nothing to wait for: the stop that was asked for comes next.
            status = goOn(now, breakpoint, Duration.ZERO);
        }
    }

    /** What stops a program at its entry point. */
    interface Breakpoint {
        /** Whether it can be had here; nothing is changed. */
        boolean isPossible();

        /** Sets it. */
        void set();

        /** Takes it back. */
        void clear();

        /** Takes it back in a child that has been forked since. */
        void clearIn(PtraceTarget child);

        /** Where the program stands when it has been met. */
        Address whereItStops();

        /**
         * Removes what it has left behind in the program, which stands at its entry point and would run as well with it.
         *
         * @throws TargetGoneException if the program has ended
         */
        void tidyUp() throws TargetGoneException;
    }

    /** A debug register of the processor, which belongs to one thread and is inherited by nobody. */
    private record DebugRegister(PtraceTarget target, Architecture arch, Address entry) implements Breakpoint {
        /** Hypervisors and kernels that have none refuse already to write there. */
        @Override
        public boolean isPossible() {
            try {
                target.writeUser(arch.breakpointAt(entry));
                target.writeUser(arch.noBreakpoint());
                return true;
            } catch (SysException e) {
                return false;
            }
        }

        @Override
        public void set() {
            target.writeUser(arch.breakpointAt(entry));
        }

        @Override
        public void clear() {
            target.writeUser(arch.noBreakpoint());
        }

        @Override
        public void clearIn(PtraceTarget child) {
            // it has none
        }

        @Override
        public Address whereItStops() {
            return entry;
        }

        @Override
        public void tidyUp() {
            // nothing was written
        }
    }

    /** An instruction in place of the program's own. */
    private record BreakInstruction(PtraceTarget target, Architecture arch, Address entry, long original, FileCopy page)
            implements Breakpoint {
        static BreakInstruction at(Address entry, PtraceTarget target, Architecture arch) throws IOException {
            ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            target.read(entry, word);
            return new BreakInstruction(target, arch, entry, word.getLong(0), new FileCopy(target, arch, entry));
        }

        @Override
        public boolean isPossible() {
            try {
                target.writeCode(entry, original);
                return true;
            } catch (SysException e) {
                return false;
            }
        }

        @Override
        public void set() {
            byte[] instruction = arch.breakpointInstruction();
            ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            word.putLong(0, original).put(0, instruction);
            target.meetForks();
            target.writeCode(entry, word.getLong(0));
        }

        @Override
        public void clear() {
            target.writeCode(entry, original);
        }

        @Override
        public void clearIn(PtraceTarget child) {
            child.writeCode(entry, original);
        }

        @Override
        public Address whereItStops() {
            return entry.plus(arch.breakpointInstruction().length);
        }

        @Override
        public void tidyUp() throws TargetGoneException {
            page.giveBack();
        }
    }
}
