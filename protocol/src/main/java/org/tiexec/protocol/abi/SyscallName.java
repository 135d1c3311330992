package org.tiexec.protocol.abi;

import static org.tiexec.protocol.abi.ArgumentKind.ADDRESS;
import static org.tiexec.protocol.abi.ArgumentKind.ADVICE;
import static org.tiexec.protocol.abi.ArgumentKind.DESCRIPTOR;
import static org.tiexec.protocol.abi.ArgumentKind.LENGTH;
import static org.tiexec.protocol.abi.ArgumentKind.MMAP_FLAGS;
import static org.tiexec.protocol.abi.ArgumentKind.MREMAP_FLAGS;
import static org.tiexec.protocol.abi.ArgumentKind.OFFSET;
import static org.tiexec.protocol.abi.ArgumentKind.PROTECTION;

import java.util.List;
import java.util.Optional;

/** The system calls that a plan may name: a closed allow-list with the meaning of each argument. */
public enum SyscallName {
    MMAP("mmap", List.of(ADDRESS, LENGTH, PROTECTION, MMAP_FLAGS, DESCRIPTOR, OFFSET)),
    MUNMAP("munmap", List.of(ADDRESS, LENGTH)),
    MPROTECT("mprotect", List.of(ADDRESS, LENGTH, PROTECTION)),
    MREMAP("mremap", List.of(ADDRESS, LENGTH, LENGTH, MREMAP_FLAGS, ADDRESS)),
    MADVISE("madvise", List.of(ADDRESS, LENGTH, ADVICE));

    private final String wireName;

    /** Unmodifiable: each constant passes {@link List#of}. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<ArgumentKind> arguments;

    SyscallName(String wireName, List<ArgumentKind> arguments) {
        this.wireName = wireName;
        this.arguments = arguments;
    }

    /** The name in plans, as in {@code syscalls(2)}. */
    public String wireName() {
        return wireName;
    }

    /** The meaning of each argument; its size is the call's arity. */
    public List<ArgumentKind> arguments() {
        return arguments;
    }

    /** The call with this name, if it is on the allow-list. */
    public static Optional<SyscallName> named(String wireName) {
        for (SyscallName name : values()) {
            if (name.wireName.equals(wireName)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }
}
