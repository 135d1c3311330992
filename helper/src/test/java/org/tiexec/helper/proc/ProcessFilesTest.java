package org.tiexec.helper.proc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.helper.testing.FakeRoot;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;

final class ProcessFilesTest {
    private static final File ROOT = new File("/");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void readsMappingsAnchorAndName() throws Exception {
        RecordedProcess node = RecordedProcess.named("node");
        FakeRoot root = new FakeRoot(directory).process(77, node.maps(), node.auxv(), "/usr/bin/node (deleted)");
        ProcessFacts process = new ProcessFiles(root.file(), 77).read();
        assertThat(process.pid()).isEqualTo(77);
        assertThat(process.mappings()).isEqualTo(node.mappings());
        assertThat(process.anchor()).contains(new Address(0x400040));
        assertThat(process.exe()).isEqualTo("/usr/bin/node (deleted)");
    }

    @Test
    void readsTheRunningJvm() throws Exception {
        int pid = OwnProcess.id(ROOT);
        assertThat((long) pid).isEqualTo(ProcessHandle.current().pid());
        ProcessFacts process = new ProcessFiles(ROOT, pid).read();
        assertThat(process.exe())
                .isEqualTo(Path.of("/proc/self/exe").toRealPath().toString());
        assertThat(process.anchor()).isPresent();
        try (RandomAccessFile executable = new ProcessFiles(ROOT, pid).openExecutable()) {
            assertThat(executable.readInt()).isEqualTo(0x7f454c46);
        }
    }

    @Test
    void saysThatAProcessIsGone() {
        assertThatThrownBy(() -> new ProcessFiles(directory.toFile(), 99999).read())
                .isInstanceOf(UnreadableProcessException.class)
                .hasMessage("there is no process 99999");
    }

    @Test
    void saysThatAProcessHasNoMemory() throws Exception {
        FakeRoot root = new FakeRoot(directory).process(2, new byte[0], new byte[0], "/nowhere");
        assertThatThrownBy(() -> new ProcessFiles(root.file(), 2).read())
                .isInstanceOf(UnreadableProcessException.class)
                .hasMessage("process 2 has no memory of its own: it has ended, or is a thread of the kernel");
    }

    @Test
    void saysWhichFileIsStrange() throws Exception {
        FakeRoot root = new FakeRoot(directory).process(3, "what is this\n".getBytes(UTF_8), new byte[0], "/x");
        assertThatThrownBy(() -> new ProcessFiles(root.file(), 3).read())
                .isInstanceOf(UnreadableProcessException.class)
                .hasMessageStartingWith("process 3: maps, line 1: ");
    }

    @Test
    void saysWhatItTakesToReadAForeignProcess() throws Exception {
        // a directory cannot be read as a file: the kernel refuses as it does for a foreign process
        Files.createDirectories(directory.resolve("proc/4/maps"));
        assertThatThrownBy(() -> new ProcessFiles(directory.toFile(), 4).read())
                .isInstanceOf(UnreadableProcessException.class)
                .hasMessageStartingWith("process 4 cannot be read: ")
                .hasMessageEndingWith(" (it takes the rights of ptrace: the same user, or root)");
    }

    @Test
    void findsSealedMappings() throws Exception {
        FakeRoot root = new FakeRoot(directory)
                .file(
                        "proc/5/smaps",
                        entry("00400000-00800000 r-xp 00000000 08:01 7 /bin/x", "rd ex mr mw me sl")
                                + entry("00800000-00a00000 r-xp 00400000 08:01 7 /bin/x", "rd ex mr mw me")
                                + entry("00a00000-00c00000 r-xp 00600000 08:01 7 /bin/x", "rd ex mr mw me sl"));
        AddressRange interest = new AddressRange(new Address(0x400000), new Address(0xa00000));
        assertThat(new ProcessFiles(root.file(), 5).sealedWithin(interest))
                .isEqualTo(List.of(new AddressRange(new Address(0x400000), new Address(0x800000))));
    }

    private static String entry(String header, String flags) {
        return header + "\nSize:               4096 kB\nKernelPageSize:        4 kB\nVmFlags: " + flags + " \n";
    }
}
