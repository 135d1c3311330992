package org.tiexec.tracer.target;

import java.util.List;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.SignalInfo;

/**
 * A traced process that stands in a ptrace-stop whenever one of these methods is called.
 *
 * <p>All methods belong to the one thread that seized the process. They throw {@link
 * org.tiexec.tracer.sys.SysException} when the kernel refuses.
 */
public interface Target extends ProcessView {
    /** The general registers. */
    Registers registers();

    /** Replaces the general registers. */
    void setRegisters(Registers registers);

    /** The mask of blocked signals; bit N−1 stands for signal N. */
    long signalMask();

    /** Replaces the mask of blocked signals. */
    void setSignalMask(long mask);

    /** The signals that wait for the process, in the order in which they were sent; they go on waiting. */
    List<SignalInfo> pendingSignals();

    /** Whether the target is killed should the tracer die; off at first. */
    void dieWithTracer(boolean die);

    /**
     * Lets the target run to its next system-call entry or exit. Signals that arrive are kept for later.
     *
     * @throws TargetGoneException if it ends instead
     */
    void runToSyscallStop() throws TargetGoneException;
}
