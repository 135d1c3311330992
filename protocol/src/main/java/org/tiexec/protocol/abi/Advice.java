package org.tiexec.protocol.abi;

/** Advice values of {@code madvise(2)} ({@code asm-generic/mman-common.h}). */
public enum Advice implements AbiConstant {
    MADV_HUGEPAGE(14),
    /** Makes the range huge now, synchronously; since Linux 6.1. */
    MADV_COLLAPSE(25);

    private final long value;

    Advice(long value) {
        this.value = value;
    }

    @Override
    public long value() {
        return value;
    }
}
