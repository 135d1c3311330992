package org.tiexec.protocol.abi;

/** Flags of {@code mmap(2)} ({@code linux/mman.h}, {@code asm-generic/mman-common.h}, {@code asm-generic/hugetlb_encode.h}). */
public enum MmapFlag implements AbiConstant {
    MAP_PRIVATE(0x02),
    MAP_FIXED(0x10),
    /** As MAP_FIXED, but fails where something is mapped; since Linux 4.17. */
    MAP_FIXED_NOREPLACE(0x100000),
    MAP_ANONYMOUS(0x20),
    MAP_HUGETLB(0x40000),
    /** {@code 21 << MAP_HUGE_SHIFT}: always given with MAP_HUGETLB, whose default size an administrator may change. */
    MAP_HUGE_2MB(21L << 26);

    private final long value;

    MmapFlag(long value) {
        this.value = value;
    }

    @Override
    public long value() {
        return value;
    }
}
