package org.tiexec.protocol.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdsTest {
    private static Ids ids(String status) {
        return new Ids(status.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void eachKindOfIdIsTold() throws ProcFormatException {
        Ids ids = ids(
                "Name:\tx\nUid:\t0\t1\t2\t4294967294\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t1 33 65534 \nKthread:\t0\n");

        assertThat(ids.users()).containsExactly(0L, 1L, 2L, 4294967294L);
        assertThat(ids.groups()).containsExactly(5L, 6L, 7L, 8L);
        assertThat(ids.supplementary()).containsExactly(1L, 33L, 65534L);
    }

    @Test
    void thereMayBeNoSupplementaryGroups() throws ProcFormatException {
        assertThat(ids("Name:\tx\nGroups:\t \nKthread:\t0\n").supplementary()).isEmpty();
    }

    /** A process may give itself any name; the kernel writes a line feed in it as two characters. */
    @Test
    void aNameIsNoField() throws ProcFormatException {
        assertThat(ids("Name:\tUid:\t0\nUid:\t7\t7\t7\t7\n").users()).containsOnly(7L);
    }

    @Test
    void theKernelTellsSoOfThisProcess() throws Exception {
        Ids ids = new Ids(Files.readAllBytes(Path.of("/proc/self/status")));

        assertThat(ids.users())
                .hasSize(4)
                .contains(((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue());
        assertThat(ids.groups()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Name:\tx\n", "Name:\tx\nUid:\t0\t0", "Name:\tx\nUid:\tzero\n", "Name:\tx\nUid:\t-1\n"})
    void whatIsNotToldIsNotMadeUp(String status) {
        assertThatThrownBy(() -> ids(status).users()).isInstanceOf(ProcFormatException.class);
    }
}
