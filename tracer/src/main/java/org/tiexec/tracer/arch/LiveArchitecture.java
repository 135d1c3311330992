package org.tiexec.tracer.arch;

import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;

/**
 * What the tracer must know of a processor architecture to borrow threads of a running process. Implementations are
 * stateless and pure.
 *
 * <p>A borrowed thread has two ways home. Its {@linkplain #nativeHome native} registers let the kernel itself restart what
 * was interrupted; they work only while the tracer lives to set them. Its {@linkplain #lonelyHome lonely} ones are loaded
 * by code that the thread executes itself, should its tracer have died meanwhile.
 */
public interface LiveArchitecture extends Architecture {
    /** Where its stack ends. */
    Address stackPointer(Registers registers);

    /** Whether the thread is stopped on its way out of a system call. */
    boolean isInCall(Registers registers);

    /** How many bytes before the instruction pointer the instruction begins that made the call. */
    int callBytes();

    /**
     * What interrupting a call does.
     *
     * @param number the call's number
     * @param arguments its arguments
     */
    Interruption interruption(long number, long... arguments);

    /** The same for the call that the stopped thread is in. */
    Interruption interruption(Registers registers);

    /** Whether this is the call by which the kernel goes on with one that waits for a time ({@code restart_syscall(2)}). */
    boolean isRestartedCall(long number);

    /** Whether the stopped thread is going to make its call again. */
    boolean isToBeMadeAgain(Registers registers);

    /** Whether the call waits for a time that is told it elsewhere than in a register. */
    boolean hasTimeoutElsewhere(Registers registers);

    /** Whether the call that the stopped thread is in has failed only because the thread was stopped. */
    boolean isFailedByStop(Registers registers);

    /** The timeout of a call that is told it in a register, if it is such a call. */
    Optional<Duration> timeoutInRegister(long number, long... arguments);

    /** The same for the call that the stopped thread is in. */
    Optional<Duration> timeoutInRegister(Registers registers);

    /** The registers of a thread whose call is to wait for that time only, rounded up; it must have such a timeout. */
    Registers withTimeout(Registers registers, Duration timeout);

    /** The registers of a stopped thread that is in a restartable sequence, as the kernel makes them: at its abort handler. */
    Registers aborted(Registers registers, Address abortHandler);

    /**
     * The registers with which a thread that is detached goes on as if it had never been stopped: the kernel restarts its
     * call, unless a signal interrupts it.
     *
     * @param saved as they were when the thread was stopped
     */
    Registers nativeHome(Registers saved);

    /**
     * The registers with which a thread goes on that has no tracer: those of a call that is about to be made again.
     *
     * @param saved as they were when the thread was stopped
     */
    Registers lonelyHome(Registers saved);

    /** The code of the stub: a system-call instruction, then what loads the registers of the stub's data. */
    byte[] stubCode();

    /**
     * The data of the stub, which begins where the page of its code ends.
     *
     * @param saved as they were when the thread was stopped
     */
    byte[] stubData(Registers saved);

    /** The offset of code that enters the kernel and then returns with the stack pointer unchanged, if there is any. */
    Optional<Integer> callThenReturn(byte[] code);

    /** The offset of code that returns from a signal, if there is any. */
    Optional<Integer> signalReturn(byte[] code);

    /** How many bytes a {@link #signalFrame} may take, with what must stay untouched below the stack pointer. */
    int signalFrameBytes(byte[] processorState);

    /**
     * What a signal handler would return by.
     *
     * <p>Its restart block does not outlive that: a call that waits for a time waits for all of it again.
     *
     * @param saved the registers as they were when the thread was stopped
     * @param stack below which address it is to be: where the thread's own stack ends, or some other place
     * @param signalReturn where the code is that returns from a signal
     * @param signalMask the thread's
     * @param processorState the thread's, as the kernel gives it
     */
    SignalFrame signalFrame(
            Registers saved, Address stack, Address signalReturn, long signalMask, byte[] processorState);

    /** The registers with which a thread makes a call with its stack at {@code stack}. */
    Registers callingWithStack(Registers base, Address stack, Address instruction, long number, long... arguments);
}
