package org.tiexec.tracer.arch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An executable file that walks through a table of system calls ({@code elf(5)}).
 *
 * <p>One segment holds everything: headers, code, and the table, in which each call takes eight words: its number, six
 * arguments, and the result that counts as a refusal.
 */
final class X8664TrialProgram {
    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int CODE_AT = HEADER_BYTES + PROGRAM_HEADER_BYTES;
    private static final int ARGUMENTS = 6;
    private static final int ENTRY_BYTES = 64;

    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64_LITTLE_ENDIAN_CURRENT = 0x00010102;
    private static final short ET_EXEC = 2;
    private static final short EM_X86_64 = 62;
    private static final int PT_LOAD = 1;
    private static final int READ_AND_EXECUTE = 5;
    private static final long BASE = 0x400000;
    private static final long PAGE = 4096;

    private static final long NO_CALL = -1;
    private static final long EPERM = -1;

    /** No call has this result. */
    private static final long NEVER = Long.MIN_VALUE;

    private static final byte[] CODE = {
        0x48,
        (byte) 0x8d,
        0x1d,
        64,
        0,
        0,
        0, // lea rbx, [rip + 64]: the table
        0x45,
        0x31,
        (byte) 0xe4, // xor r12d, r12d
        0x41,
        (byte) 0xff,
        (byte) 0xc4, // next: inc r12d
        0x48,
        (byte) 0x8b,
        0x03, // mov rax, [rbx]
        0x48,
        (byte) 0x8b,
        0x7b,
        8, // mov rdi, [rbx + 8]
        0x48,
        (byte) 0x8b,
        0x73,
        16, // mov rsi, [rbx + 16]
        0x48,
        (byte) 0x8b,
        0x53,
        24, // mov rdx, [rbx + 24]
        0x4c,
        (byte) 0x8b,
        0x53,
        32, // mov r10, [rbx + 32]
        0x4c,
        (byte) 0x8b,
        0x43,
        40, // mov r8, [rbx + 40]
        0x4c,
        (byte) 0x8b,
        0x4b,
        48, // mov r9, [rbx + 48]
        0x0f,
        0x05, // syscall
        0x48,
        0x3b,
        0x43,
        56, // cmp rax, [rbx + 56]
        0x74,
        13, // je end
        0x48,
        (byte) 0x83,
        (byte) 0xc3,
        ENTRY_BYTES, // add rbx, 64
        0x48,
        (byte) 0x83,
        0x3b,
        (byte) 0xff, // cmp qword [rbx], -1
        0x75,
        (byte) 0xd0, // jne next
        0x45,
        0x31,
        (byte) 0xe4, // xor r12d, r12d
        0x44,
        (byte) 0x89,
        (byte) 0xe7, // end: mov edi, r12d
        (byte) 0xb8,
        (byte) 0xe7,
        0,
        0,
        0, // mov eax, 231 (exit_group)
        0x0f,
        0x05, // syscall
    };

    private X8664TrialProgram() {}

    static byte[] image(List<TrialCall> calls) {
        int bytes = CODE_AT + CODE.length + (calls.size() + 1) * ENTRY_BYTES;
        ByteBuffer image = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(MAGIC).putInt(CLASS_64_LITTLE_ENDIAN_CURRENT).putLong(0);
        image.putShort(ET_EXEC).putShort(EM_X86_64).putInt(1);
        image.putLong(BASE + CODE_AT).putLong(HEADER_BYTES).putLong(0).putInt(0);
        image.putShort((short) HEADER_BYTES)
                .putShort((short) PROGRAM_HEADER_BYTES)
                .putShort((short) 1);
        image.position(HEADER_BYTES);
        image.putInt(PT_LOAD).putInt(READ_AND_EXECUTE).putLong(0).putLong(BASE).putLong(BASE);
        image.putLong(bytes).putLong(bytes).putLong(PAGE);
        image.put(CODE);
        for (TrialCall call : calls) {
            image.putLong(call.number());
            for (int i = 0; i < ARGUMENTS; i++) {
                image.putLong(call.argument(i));
            }
            image.putLong(call.refusalCounts() ? EPERM : NEVER);
        }
        image.putLong(NO_CALL);
        return image.array();
    }
}
