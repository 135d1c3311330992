package org.tiexec.protocol.abi;

/** Advice values of {@code madvise(2)} ({@code asm-generic/mman-common.h}). */
public enum Advice implements AbiConstant {
    /** Children that are forked from now on do not get the range. */
    MADV_DONTFORK(10),
    /** They do again. */
    MADV_DOFORK(11),
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
