package org.tiexec.helper.proc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.ProcFormatException;

final class SmapsSelectionTest {
    @TempDir
    private Path directory = Path.of("");

    private File smaps(String text) throws IOException {
        return Files.write(directory.resolve("smaps"), text.getBytes(UTF_8)).toFile();
    }

    private static String entry(int number, String flags) {
        String start = Integer.toHexString(number << 21);
        String end = Integer.toHexString((number + 1) << 21);
        return start + "-" + end + " r-xp 00000000 fe:00 7     /x\nSize:               2048 kB\n"
                + "KernelPageSize:        4 kB\nAnonHugePages:         0 kB\nVmFlags: " + flags + " \n";
    }

    private static AddressRange range(int number) {
        return AddressRange.ofLength(new Address((long) number << 21), 1L << 21);
    }

    @Test
    void readsTheWantedEntriesOfManyInTheirOrder() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < 900; i++) {
            text.append(entry(i, i % 3 == 0 ? "rd ex sl" : "rd ex"));
        }
        List<MappedPages> found =
                SmapsSelection.read(smaps(text.toString()), List.of(range(899), range(3), range(1), range(1000)));
        assertThat(found).extracting(pages -> pages.mapping().range()).containsExactly(range(1), range(3), range(899));
        assertThat(found).extracting(MappedPages::isSealed).containsExactly(false, true, false);
    }

    @Test
    void readsThisJvm() throws Exception {
        List<AddressRange> code = new ArrayList<>();
        for (Mapping mapping : new ProcessFiles(new File("/"), OwnProcess.id(new File("/")))
                .read()
                .mappings()) {
            if (mapping.isFileCode()) {
                code.add(mapping.range());
            }
        }
        assertThat(code).isNotEmpty();
        assertThat(SmapsSelection.read(new File("/proc/self/smaps"), code))
                .extracting(pages -> pages.mapping().range())
                .containsAll(code);
    }

    @Test
    void refusesLinesThatGoOnForEver() throws Exception {
        File file = smaps("0".repeat(70_000));
        assertThatThrownBy(() -> SmapsSelection.read(file, List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("has a line of more than 65536 bytes");
    }

    @Test
    void saysWhatIsStrange() throws Exception {
        File file = smaps("200000-400000 what is this\n");
        assertThatThrownBy(() -> SmapsSelection.read(file, List.of(range(1)))).isInstanceOf(ProcFormatException.class);
        assertThat(SmapsSelection.read(file, List.of(range(2)))).isEmpty();
    }
}
