package org.tiexec.tracer.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Purpose;

class ArchiveTest {
    private static final RunReport REPORT = new RunReport(
            Purpose.LAUNCH,
            4242,
            "node",
            "nothing-to-do",
            List.of(),
            List.of("nothing to do: too small"),
            List.of(),
            List.of(),
            List.of(17L));

    @Test
    void aDocumentIsCompleteAndReadableByItsOwnerOnly(@TempDir Path directory) throws Exception {
        Path stored = new Archive(directory).store(REPORT);
        assertThat(Files.readString(stored)).contains("\"pid\" : 4242", "nothing to do: too small");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stored)))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingElseStaysInTheDirectory(@TempDir Path directory) throws Exception {
        Path stored = new Archive(directory).store(REPORT);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(stored);
        }
    }

    @Test
    void aDirectoryThatIsGoneIsAnError(@TempDir Path directory) {
        assertThatThrownBy(() -> new Archive(directory.resolve("gone")).store(REPORT))
                .isInstanceOf(IOException.class);
    }
}
