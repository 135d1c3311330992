package org.tiexec.tracer.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.SignalInfo;

/**
 * A traced process that stands in a ptrace-stop whenever one of these methods is called.
 *
 * <p>All methods belong to the one thread that seized the process. They throw {@link
 * org.tiexec.tracer.sys.SysException} when the kernel refuses.
 */
public interface Target {
    /** The process id. */
    int pid();

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

    /**
     * Copies bytes out of the target, whatever their protection.
     *
     * @param from the first address
     * @param into filled from its position to its limit
     * @throws IOException if a part of it is not mapped
     */
    void read(Address from, ByteBuffer into) throws IOException;

    /**
     * Copies bytes into memory that the target itself could write.
     *
     * @throws IOException if a part of it is not mapped or not writable
     */
    void write(Address to, byte[] bytes) throws IOException;

    /**
     * The whole content of a file of {@code /proc/PID}.
     *
     * @param name such as {@code maps}
     * @throws IOException if it cannot be read
     */
    byte[] procFile(String name) throws IOException;
}
