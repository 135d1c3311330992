package org.tiexec.tracer.arch;

import java.util.List;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;

/**
 * What the tracer must know of a processor architecture. Implementations are stateless and pure.
 *
 * <p>Adding one is a class that implements this and a line where the architecture is chosen.
 */
public interface Architecture {
    /** The name in plans and in {@code uname -m}. */
    String name();

    /** Whether the registers are those of a 64-bit thread of this architecture. */
    boolean matches(Registers registers);

    /** The number of a system call that plans may name. */
    long number(SyscallName call);

    /** The number of a system call that only the tracer makes. */
    long number(InjectedCall call);

    /**
     * How a call names the program that it executes.
     *
     * @param abi for whose calls the number stands ({@code AUDIT_ARCH_*}, {@code linux/audit.h})
     * @param number the call
     */
    ExecForm execForm(int abi, long number);

    /** The bytes of the instruction that enters the kernel. */
    byte[] syscallInstruction();

    /**
     * A position-independent loop of {@code exit_group(1)}: a target whose tracer has vanished can only exit.
     *
     * @return machine code, shorter than a page
     */
    byte[] exitLoop();

    /**
     * A program that makes calls one after the other, whatever becomes of them, and exits: with 0 if all went well, else with
     * the number of the first that was refused, counted from 1.
     *
     * @param calls fewer than 256
     * @return a whole executable file, which needs no library
     */
    byte[] trialProgram(List<TrialCall> calls);

    /** The registers with which a thread at {@code instruction}, a system-call instruction, makes the call. */
    Registers calling(Registers base, Address instruction, long number, long... arguments);

    /** The registers that turn the call whose entry the thread has been stopped at into another one. */
    Registers substituting(Registers atEntry, long number, long... arguments);

    /** The registers with which the thread goes on at {@code instruction}, outside any system call. */
    Registers resumingAt(Registers base, Address instruction);

    /** Where the thread goes on. */
    Address instructionPointer(Registers registers);

    /** The shortest instruction that stops a traced thread; the thread then stands behind it. */
    byte[] breakpointInstruction();

    /** What to write into a thread's {@code struct user} so that it stops before it executes what is at an address. */
    List<UserWord> breakpointAt(Address address);

    /** What takes that back. */
    List<UserWord> noBreakpoint();

    /** The number of the call at whose entry or exit the thread is stopped. */
    long callNumber(Registers registers);

    /** The raw result of the call at whose exit the thread is stopped. */
    long result(Registers registers);

    /**
     * The registers to restore so that the kernel neither restarts a call nor shows a kernel-internal error number.
     *
     * @param saved as they were when the thread was stopped
     */
    Registers restoring(Registers saved);
}
