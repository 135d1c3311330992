package org.tiexec.protocol.abi;

/** What a position in a system call's argument list means. */
public enum ArgumentKind {
    ADDRESS,
    LENGTH,
    PROTECTION,
    MMAP_FLAGS,
    MREMAP_FLAGS,
    ADVICE,
    DESCRIPTOR,
    OFFSET
}
