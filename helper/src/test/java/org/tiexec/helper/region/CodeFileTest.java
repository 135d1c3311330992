package org.tiexec.helper.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

final class CodeFileTest {
    private static final String MAPS = """
            400000-401000 r--p 00000000 08:01 7 /bin/x
            401000-801000 r-xp 00001000 08:01 7 /bin/x
            801000-802000 rwxp 00401000 08:01 7 /bin/x
            a00000-b00000 r--p 00000000 08:01 9 /usr/share/data
            6000000-6200000 r-xp 00000000 00:0f 90 /anon_hugepage (deleted)
            7f0000000000-7f0000400000 r-xp 00000000 08:01 8 /lib/a.so
            7f0000400000-7f0000401000 rw-p 00400000 08:01 8 /lib/a.so
            7f0000500000-7f0000600000 r-xs 00000000 08:01 10 /dev/shm/b
            7f0000600000-7f0000700000 rw-s 00000000 08:01 10 /dev/shm/b
            7ffff7ff8000-7ffff7ffa000 r-xp 00000000 00:00 0 [vdso]
            """;

    private static List<CodeFile> files(String maps, Targets targets) throws ProcFormatException {
        return CodeFile.of(MapsParser.parse(maps.getBytes(UTF_8)), new Address(0x400040), targets);
    }

    private static List<String> names(List<CodeFile> files) {
        return files.stream().map(file -> file.mappings().get(0).name()).toList();
    }

    @Test
    void areTheFilesOfWhichCodeIsMapped() throws Exception {
        assertThat(names(files(MAPS, Targets.ALL))).containsExactly("/bin/x", "/lib/a.so", "/dev/shm/b");
        assertThat(names(files(MAPS, Targets.EXECUTABLE))).containsExactly("/bin/x");
        assertThat(names(files(MAPS, Targets.LIBRARIES))).containsExactly("/lib/a.so", "/dev/shm/b");
    }

    @Test
    void beginWithTheExecutableWhereverItIs() throws Exception {
        String after = MAPS.lines().skip(3).reduce("", (a, b) -> a + b + "\n")
                + "7f1000000000-7f1000400000 r-xp 00000000 08:01 7 /bin/x\n";
        List<CodeFile> files =
                CodeFile.of(MapsParser.parse(after.getBytes(UTF_8)), new Address(0x7f1000000040L), Targets.ALL);
        assertThat(names(files)).startsWith("/bin/x");
        assertThat(files).extracting(CodeFile::isExecutable).containsExactly(true, false, false);
    }

    @Test
    void tellCodeFromWhatMustStay() throws Exception {
        CodeFile executable = files(MAPS, Targets.EXECUTABLE).get(0);
        assertThat(executable.code()).extracting(Mapping::fileOffset).containsExactly(0x1000L);
        assertThat(executable.otherCode()).extracting(Mapping::fileOffset).containsExactly(0x401000L);
        assertThat(executable.isWritten()).isFalse();
    }

    @Test
    void tellWhetherTheirCodeMayChange() throws Exception {
        assertThat(files(MAPS, Targets.ALL)).extracting(CodeFile::isWritten).containsExactly(false, false, true);
    }

    @Test
    void tellACopyFromTheCodeItself() throws Exception {
        String copies = MAPS + """
                200000600000-200000800000 r-xp 00200000 08:01 7 /bin/x
                200040000000-200040400000 r-xp 00000000 08:01 8 /lib/a.so
                200080000000-200080400000 r-xp 00200000 08:01 8 /lib/a.so
                """;
        List<CodeFile> files = files(copies, Targets.ALL);
        CodeFile executable = files.get(0);
        assertThat(executable.code()).extracting(executable::isCopied).containsExactly(false, true);
        CodeFile library = files.get(1);
        assertThat(library.code())
                .extracting(library::isCopied)
                .as("the library beside its data, a copy, a part that nothing else shows")
                .containsExactly(false, true, false);
    }

    @Test
    void ofRealProgramsHaveTheirExecutableFirst() {
        for (String name : RecordedProcess.NAMES) {
            ProcessFacts process = RecordedProcess.named(name).facts();
            List<CodeFile> files =
                    CodeFile.of(process.mappings(), process.anchor().orElseThrow(), Targets.ALL);
            assertThat(files.get(0).isExecutable()).as(name).isTrue();
            assertThat(files.subList(1, files.size())).noneMatch(CodeFile::isExecutable);
        }
    }
}
