package org.tiexec.tracer.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.tracer.sys.NativeCalls;

class PrivilegedFileTest {
    private static final int SET_UID = 04755;
    private static final int SET_GID = 02755;

    @TempDir
    private Path directory;

    private final PrivilegedFile files = new PrivilegedFile(new NativeCalls());

    private Path file(String name, String content, int mode) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        Files.setAttribute(file, "unix:mode", mode);
        return file;
    }

    private boolean givesPrivileges(Path file) throws IOException {
        return files.givesPrivileges(file, directory);
    }

    @Test
    void anOrdinaryFileGivesNone() throws IOException {
        assertThat(givesPrivileges(file("plain", "text", 0755))).isFalse();
        assertThat(givesPrivileges(directory.resolve("not-there"))).isFalse();
        assertThat(givesPrivileges(directory)).isFalse();
    }

    @Test
    void aFileWithSetIdBitsDoes() throws IOException {
        assertThat(givesPrivileges(file("user", "text", SET_UID))).isTrue();
        assertThat(givesPrivileges(file("group", "text", SET_GID))).isTrue();
    }

    @Test
    void aScriptDoesByItsInterpreter() throws IOException {
        Path interpreter = file("interpreter", "text", SET_UID);
        Path inner = file("inner", "#! " + interpreter + " -x\n", 0755);

        assertThat(givesPrivileges(file("outer", "#!" + inner + "\n", 0755))).isTrue();
        assertThat(givesPrivileges(file("beside", "#!interpreter\n", 0755)))
                .as("from the directory of the process")
                .isTrue();
        assertThat(givesPrivileges(file("script", "#!/bin/sh\n", 0755))).isFalse();
    }

    @Test
    void scriptsWithoutEndAreNotFollowedForEver() throws IOException {
        Path loop = directory.resolve("loop");

        assertThat(givesPrivileges(file("loop", "#!" + loop + "\n", 0755))).isFalse();
    }
}
