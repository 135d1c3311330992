package org.tiexec.tracer.arch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tiexec.protocol.memory.Address;

/**
 * A {@code struct rt_sigframe} ({@code asm/sigframe.h}) as {@code rt_sigreturn(2)} reads it.
 *
 * <p>From its place upwards: the address of the code that returns, a {@code struct ucontext}, a {@code siginfo_t}, and,
 * aligned to 64 bytes, the processor state in the form of XSAVE.
 */
final class X8664SignalFrame {
    /** Leaf functions keep data there ({@code System V ABI, AMD64, 3.2.2}). */
    private static final int RED_ZONE = 128;

    private static final int ALIGNMENT = 64;

    /** Return address, ucontext, siginfo. */
    private static final int FIXED_BYTES = 8 + 304 + 128;

    /** {@code UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS} ({@code asm/ucontext.h}). */
    private static final long CONTEXT_FLAGS = 0x7;

    /** Neither SS_ONSTACK nor SS_DISABLE: the kernel leaves the alternate stack as it is. */
    private static final int INVALID_STACK_FLAGS = 4;

    private static final short USER_CS = 0x33;
    private static final short USER_DS = 0x2b;

    /** {@code struct _fpx_sw_bytes} within the legacy area ({@code asm/sigcontext.h}). */
    private static final int SOFTWARE_BYTES_AT = 464;

    private static final int LEGACY_BYTES = 512;
    private static final int MAGIC1 = 0x46505853;
    private static final int MAGIC2 = 0x46505845;
    private static final int MAGIC2_BYTES = 4;

    /** Where the state component begins that threads have to ask for ({@code XFEATURE_XTILE_DATA}). */
    private static final int TILES_AT = 2816;

    private static final long TILES = 1L << 18;

    /** {@code struct sigcontext_64} in its order. */
    private static final int[] IN_CONTEXT = {
        X8664Register.R8,
        X8664Register.R9,
        X8664Register.R10,
        X8664Register.R11,
        X8664Register.R12,
        X8664Register.R13,
        X8664Register.R14,
        X8664Register.R15,
        X8664Register.RDI,
        X8664Register.RSI,
        X8664Register.RBP,
        X8664Register.RBX,
        X8664Register.RDX,
        X8664Register.RAX,
        X8664Register.RCX,
        X8664Register.RSP,
        X8664Register.RIP,
        X8664Register.FLAGS
    };

    private X8664SignalFrame() {}

    static int bytes(byte[] state) {
        return RED_ZONE + ALIGNMENT + FIXED_BYTES + ALIGNMENT + state.length + MAGIC2_BYTES;
    }

    static SignalFrame of(Registers home, Address stack, Address signalReturn, long mask, byte[] state) {
        int stateBytes = stateBytes(state);
        long top = stack.bits() - RED_ZONE;
        long stateAt = top - stateBytes - MAGIC2_BYTES & -ALIGNMENT;
        long frameAt = stateAt - FIXED_BYTES & -ALIGNMENT;
        int stateOffset = (int) (stateAt - frameAt);
        ByteBuffer frame =
                ByteBuffer.allocate(stateOffset + stateBytes + MAGIC2_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(signalReturn.bits());
        frame.putLong(CONTEXT_FLAGS).putLong(0);
        frame.putLong(0).putInt(INVALID_STACK_FLAGS).putInt(0).putLong(0);
        for (int register : IN_CONTEXT) {
            frame.putLong(home.word(register));
        }
        frame.putShort(USER_CS).putShort((short) 0).putShort((short) 0).putShort(USER_DS);
        frame.putLong(0).putLong(0).putLong(0).putLong(0);
        frame.putLong(stateAt);
        frame.position(frame.position() + 8 * Long.BYTES);
        frame.putLong(mask);
        frame.position(stateOffset);
        frame.put(state, 0, stateBytes);
        if (stateBytes > LEGACY_BYTES) {
            long components = components(state);
            int software = stateOffset + SOFTWARE_BYTES_AT;
            frame.putInt(software, MAGIC1).putInt(software + 4, stateBytes + MAGIC2_BYTES);
            frame.putLong(software + 8, components).putInt(software + 16, stateBytes);
            frame.putInt(stateOffset + stateBytes, MAGIC2);
        }
        return new SignalFrame(new Address(frameAt), frame.array());
    }

    /** The kernel gives room for every component there is; a frame has but those that the thread may use. */
    private static int stateBytes(byte[] state) {
        boolean withoutTiles = state.length > TILES_AT && (components(state) & TILES) == 0;
        return withoutTiles ? TILES_AT : state.length;
    }

    /** The kernel puts the mask of the components into the software bytes ({@code PTRACE_GETREGSET}). */
    private static long components(byte[] state) {
        return ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).getLong(SOFTWARE_BYTES_AT);
    }
}
