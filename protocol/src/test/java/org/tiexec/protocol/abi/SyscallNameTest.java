package org.tiexec.protocol.abi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SyscallNameTest {
    @ParameterizedTest
    @EnumSource
    void isFoundByItsWireName(SyscallName name) {
        assertThat(SyscallName.named(name.wireName())).contains(name);
    }

    @ParameterizedTest
    @CsvSource({"mmap, 6", "munmap, 2", "mprotect, 3", "mremap, 5", "madvise, 3"})
    void takesAsManyArgumentsAsTheManualSays(String name, int arity) {
        assertThat(SyscallName.named(name).orElseThrow().arguments()).hasSize(arity);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MMAP", "execve", "ptrace", "write", "mmap2", "mmap ", "brk", "exit_group", "9"})
    void isAClosedList(String name) {
        assertThat(SyscallName.named(name)).isEmpty();
    }
}
