package org.tiexec.tracer.target;

import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Registers;

/**
 * One thread of a running process that is traced, stopped or not.
 *
 * <p>Should the tracer die, it goes on with the registers that it has. All methods but {@link #interrupt} and {@link
 * #awaitStop} want it to be in a ptrace-stop; they throw {@link org.tiexec.tracer.sys.SysException}, with ESRCH if it is
 * not, because it runs or because it has been killed. All belong to the tracing thread.
 */
public interface SeizedThread {
    /** Its thread id. */
    int id();

    /** Asks it to stop. */
    void interrupt();

    /**
     * Waits for it to stop or to end.
     *
     * @param limit how long
     * @return empty if it has done neither; one that ended cannot be asked again
     * @throws org.tiexec.tracer.sys.SysException with ECHILD if it is gone without a trace, as in an execve of another thread
     */
    Optional<WaitStatus> awaitStop(Duration limit);

    /** The general registers. */
    Registers registers();

    /** Replaces the general registers. */
    void setRegisters(Registers registers);

    /** The mask of blocked signals that it returns to; bit N−1 stands for signal N. */
    long signalMask();

    /** The rest of its registers, in the processor's own form. */
    byte[] processorState();

    /** Where its {@code struct rseq} is, if it has one ({@code rseq(2)}). */
    Optional<Address> restartableSequences();

    /** Lets it run to its next system-call entry or exit, or to a signal. */
    void runToSyscallStop();

    /**
     * Ends the tracing; from now on this object must not be used.
     *
     * @param signal the one at whose delivery it stands, or 0
     */
    void letGo(int signal);

    /** Frees what belongs to a thread that is gone. */
    void forget();
}
