package org.tiexec.it.support;

import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.arch.Registers;

/** Gives one of the calls that a program makes for us an answer of its own, without making it. */
public final class FaultyKernel {
    /** Places of {@code struct user_regs_struct} ({@code sys/user.h}). */
    private static final int RAX = 10;

    private static final int ORIG_RAX = 15;
    private static final int NONE = -1;

    private final int faultyCall;
    private final long answer;
    private int calls;
    private boolean entered;

    /**
     * Answers {@code answer} to one call.
     *
     * @param faultyCall its number, from 0; −1 for none
     */
    public FaultyKernel(int faultyCall, long answer) {
        this.faultyCall = faultyCall;
        this.answer = answer;
    }

    /** Answers ENOMEM to one call. */
    public static FaultyKernel withoutMemoryFor(int faultyCall) {
        return new FaultyKernel(faultyCall, -Errno.ENOMEM.number());
    }

    /** Makes every call. */
    public static FaultyKernel without() {
        return withoutMemoryFor(NONE);
    }

    /** How many calls the program has made, or believes to have made. */
    public int calls() {
        return calls;
    }

    /** Is told of each request to the real kernel. */
    public void before(HeldProgram program, String request) {
        if (!request.equals("runToSyscallStop")) {
            return;
        }
        if (entered && calls == faultyCall) {
            long[] words = program.target().registers().words();
            words[ORIG_RAX] = -1;
            words[RAX] = answer;
            program.target().setRegisters(new Registers(words));
        }
        calls += entered ? 1 : 0;
        entered = !entered;
    }
}
