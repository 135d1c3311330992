package org.tiexec.protocol.abi;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.Protection;

/** Memory protections of {@code mmap(2)} ({@code asm-generic/mman-common.h}). */
public enum ProtFlag implements AbiConstant {
    PROT_NONE(0x0),
    PROT_READ(0x1),
    PROT_WRITE(0x2),
    PROT_EXEC(0x4);

    private final long value;

    ProtFlag(long value) {
        this.value = value;
    }

    @Override
    public long value() {
        return value;
    }

    /** The flags that spell out a protection, in header order. */
    public static List<AbiConstant> of(Protection protection) {
        List<AbiConstant> flags = new ArrayList<>(3);
        if (protection.read()) {
            flags.add(PROT_READ);
        }
        if (protection.write()) {
            flags.add(PROT_WRITE);
        }
        if (protection.execute()) {
            flags.add(PROT_EXEC);
        }
        if (flags.isEmpty()) {
            flags.add(PROT_NONE);
        }
        return flags;
    }
}
