package org.tiexec.helper.proc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.helper.testing.FakeRoot;
import org.tiexec.protocol.plan.HostFacts;

final class HostFilesTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void readsPoolModeAndRelease() throws Exception {
        FakeRoot root = FakeRoot.running(directory, "6.18.44-fc-v595")
                .thp("always [madvise] never")
                .pool(64, 12, 2, 3, 8);
        assertThat(new HostFiles(root.file()).read())
                .isEqualTo(new HostFacts("6.18.44-fc-v595", "madvise", 64, 12, 2, 5));
    }

    @ParameterizedTest
    @CsvSource({
        "[always] madvise never, always",
        "always madvise [never], never",
        "always [madvise] never, madvise",
        "nothing chosen,         absent",
    })
    void takesTheWordInBrackets(String line, String mode) throws Exception {
        FakeRoot root = FakeRoot.running(directory, "6.1.0").thp(line);
        assertThat(new HostFiles(root.file()).read().thpMode()).isEqualTo(mode);
    }

    @Test
    void countsWhatTheKernelDoesNotHaveAsNone() throws Exception {
        FakeRoot root = FakeRoot.running(directory, "6.1.0");
        assertThat(new HostFiles(root.file()).read()).isEqualTo(new HostFacts("6.1.0", "absent", 0, 0, 0, 0));
    }

    @Test
    void countsNoMoreOvercommitThanIsLeft() throws Exception {
        FakeRoot root = FakeRoot.running(directory, "6.1.0").pool(64, 12, 0, 9, 8);
        assertThat(new HostFiles(root.file()).read().hugePagesOvercommit()).isZero();
    }

    @Test
    void takesWhatIsNoNumberForNone() throws Exception {
        FakeRoot root = FakeRoot.running(directory, "6.1.0")
                .file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "many\n");
        assertThat(new HostFiles(root.file()).read().hugePagesFree()).isZero();
    }

    @Test
    void readsThisMachine() {
        HostFacts host = new HostFiles(new File("/")).read();
        assertThat(host.kernelIsAtLeast(3, 0)).isTrue();
        assertThat(host.hugePagesFree()).isNotNegative();
    }
}
