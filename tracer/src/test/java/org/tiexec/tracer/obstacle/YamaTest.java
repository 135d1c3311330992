package org.tiexec.tracer.obstacle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamaTest {
    private static final String PRIVILEGED = "000001ffffffffff";
    private static final String ORDINARY = "0000000000000000";

    @TempDir
    private Path root;

    private Yama yama(String setting, String capabilities) throws IOException {
        Path directory = Files.createDirectories(root.resolve("proc/sys/kernel/yama"));
        Files.writeString(directory.resolve("ptrace_scope"), setting);
        Path self = Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(self.resolve("status"), "CapEff:\t" + capabilities + "\n");
        return Yama.read(root.toFile());
    }

    @Test
    void aKernelWithoutItRestrictsNobody() {
        Yama yama = Yama.read(root.toFile());
        assertThat(yama.objection()).isEmpty();
        assertThat(yama.separatesSiblings()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, " + ORDINARY, "0, " + PRIVILEGED, "1, " + PRIVILEGED, "2, " + PRIVILEGED})
    void whoeverIsNotMeantIsNotRestricted(String setting, String capabilities) throws Exception {
        Yama yama = yama(setting + "\n", capabilities);
        assertThat(yama.objection()).isEmpty();
        assertThat(yama.separatesSiblings()).isFalse();
    }

    @Test
    void anOrdinaryUserMayTraceItsChildrenButTheseMayNotReadEachOther() throws Exception {
        Yama yama = yama("1\n", ORDINARY);
        assertThat(yama.objection()).isEmpty();
        assertThat(yama.separatesSiblings()).isTrue();
    }

    @Test
    void whereItTakesPrivilegeAnOrdinaryUserIsToldWhoCouldChangeThat() throws Exception {
        Yama yama = yama("2\n", ORDINARY);
        assertThat(yama.objection().orElseThrow())
                .contains("kernel.yama.ptrace_scope is 2", "CAP_SYS_PTRACE", "sysctl kernel.yama.ptrace_scope=1");
        assertThat(yama.separatesSiblings()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {ORDINARY, PRIVILEGED})
    void whereNobodyMayTraceRootMayNotEither(String capabilities) throws Exception {
        Yama yama = yama("3\n", capabilities);
        assertThat(yama.objection().orElseThrow()).contains("kernel.yama.ptrace_scope is 3", "nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "99999999999"})
    void aSettingThatIsNoNumberIsLeftToTheKernel(String setting) throws Exception {
        assertThat(yama(setting, ORDINARY).objection()).isEmpty();
    }
}
