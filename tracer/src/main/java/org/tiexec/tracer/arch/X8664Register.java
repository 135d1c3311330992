package org.tiexec.tracer.arch;

/**
 * The places of registers in {@code struct user_regs_struct} ({@code sys/user.h}).
 *
 * <p>Compile-time constants: whoever uses them need not load this class.
 */
final class X8664Register {
    static final int COUNT = 27;
    static final int R15 = 0;
    static final int R14 = 1;
    static final int R13 = 2;
    static final int R12 = 3;
    static final int RBP = 4;
    static final int RBX = 5;
    static final int R11 = 6;
    static final int R10 = 7;
    static final int R9 = 8;
    static final int R8 = 9;
    static final int RAX = 10;
    static final int RCX = 11;
    static final int RDX = 12;
    static final int RSI = 13;
    static final int RDI = 14;
    static final int ORIG_RAX = 15;
    static final int RIP = 16;
    static final int CS = 17;
    static final int FLAGS = 18;
    static final int RSP = 19;
    static final int SS = 20;

    private X8664Register() {}
}
