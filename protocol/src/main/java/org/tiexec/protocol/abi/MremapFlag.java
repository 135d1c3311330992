package org.tiexec.protocol.abi;

/** Flags of {@code mremap(2)} ({@code linux/mman.h}). */
public enum MremapFlag implements AbiConstant {
    MREMAP_MAYMOVE(1),
    MREMAP_FIXED(2),
    /** Leaves the old range mapped and empty; for private file mappings since Linux 5.13. */
    MREMAP_DONTUNMAP(4);

    private final long value;

    MremapFlag(long value) {
        this.value = value;
    }

    @Override
    public long value() {
        return value;
    }
}
