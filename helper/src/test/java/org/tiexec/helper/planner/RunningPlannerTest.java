package org.tiexec.helper.planner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.helper.testing.ElfImage;
import org.tiexec.helper.testing.FakeRoot;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;

/** What is found out about a process before anything is planned for it. */
final class RunningPlannerTest {
    private static final int PID = 4242;
    private static final long DT_TEXTREL = 22;
    private static final Settings ATTACH = Settings.attach(Targets.ALL, StrategyName.CONSERVATIVE, BackingChoice.THP);
    private static final String LIBRARY = "7f0000000000-7f0000400000";
    private static final String MAPS = """
            400000-800000 r-xp 00000000 08:01 7 /bin/x
            800000-801000 rw-p 00400000 08:01 7 /bin/x
            7f0000000000-7f0000400000 r-xp 00000000 08:01 8 /lib/a.so
            7f0000400000-7f0000401000 rw-p 00400000 08:01 8 /lib/a.so
            """;
    private static final long COPY = 0x8100000000000000L;

    @TempDir
    private Path directory = Path.of("");

    private FakeRoot root = new FakeRoot(directory);

    @BeforeEach
    void aProcess() throws Exception {
        root = FakeRoot.running(directory, "6.18.44")
                .thp("always [madvise] never")
                .process(PID, MAPS.getBytes(UTF_8), auxv(), new FakeRoot(directory).executable("x"))
                .running(PID, entry("400000-800000", 7, "rd ex", 0) + entry(LIBRARY, 8, "rd ex", 0))
                .mapped(PID, "400000-800000", library().bytes())
                .mapped(PID, LIBRARY, library().bytes());
    }

    private static ElfImage library() {
        return ElfImage.positionIndependent().load(ElfImage.READ_EXECUTE, 0, 0, 0x400000, 0x1000);
    }

    private static byte[] auxv() {
        return ByteBuffer.allocate(32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(3)
                .putLong(0x400040)
                .array();
    }

    private static String entry(String range, int inode, String flags, int filePmdKb) {
        return range + " r-xp 00000000 08:01 " + inode + " /x\nKernelPageSize:        4 kB\nFilePmdMapped:  "
                + filePmdKb + " kB\nVmFlags: " + flags + " \n";
    }

    private Decision attach() throws UnreadableProcessException {
        return new LivePlanner(root.file()).plan(PID, ATTACH);
    }

    private void assertOnlyTheLibraryGoes(String reason) throws Exception {
        Decision decision = attach();
        assertThat(decision).isInstanceOf(Decision.Proposed.class);
        var header = ((Decision.Proposed) decision).plan().header();
        assertThat(header.regions()).extracting(Region::range).hasToString("[0x7f0000000000-0x7f0000400000]");
        assertThat(header.notes()).contains("0x400000-0x800000 r-x: left as it is: " + reason);
    }

    @Test
    void everythingGoesThatNothingSpeaksAgainst() throws Exception {
        Decision decision = attach();
        assertThat(((Decision.Proposed) decision).plan().header().regions())
                .extracting(Region::range)
                .hasToString("[0x400000-0x800000, 0x7f0000000000-0x7f0000400000]");
    }

    @Test
    void sealedCodeStays() throws Exception {
        root.running(PID, entry("400000-800000", 7, "rd ex sl", 0) + entry(LIBRARY, 8, "rd ex", 0));
        assertOnlyTheLibraryGoes("sealed by the program (mseal)");
    }

    @Test
    void codeThatThePageCacheHoldsInHugePagesStays() throws Exception {
        root.running(PID, entry("400000-800000", 7, "rd ex", 4096) + entry(LIBRARY, 8, "rd ex", 2048));
        assertOnlyTheLibraryGoes("already on 2 MB pages");
    }

    @Test
    void codeThatTheProcessHasWrittenToStays() throws Exception {
        setPage(0x5ff000, COPY);
        assertOnlyTheLibraryGoes("1 page of it is the process's own: it, or a debugger, has written there");
        setPage(0x600000, COPY);
        assertOnlyTheLibraryGoes("2 pages of it are the process's own: it, or a debugger, has written there");
    }

    private void setPage(long address, long entry) throws IOException {
        File pagemap = new File(root.file(), "proc/" + PID + "/pagemap");
        try (RandomAccessFile file = new RandomAccessFile(pagemap, "rw")) {
            file.seek(address / 4096 * 8);
            file.writeLong(Long.reverseBytes(entry));
        }
    }

    @Test
    void codeThatItsLoaderPatchesStays() throws Exception {
        byte[] patched = ElfImage.positionIndependent()
                .load(ElfImage.READ_EXECUTE, 0, 0, 0x400000, 0x1000)
                .dynamic(0x180, DT_TEXTREL, 0)
                .bytes();
        root.mapped(PID, "400000-800000", patched);
        assertOnlyTheLibraryGoes("its loader patches it (text relocations, DT_TEXTREL)");
    }

    @Test
    void withoutLeaveToOpenAFileItsHeadersAreReadWhereItIsMapped() throws Exception {
        byte[] patched = ElfImage.positionIndependent()
                .load(ElfImage.READ_EXECUTE, 0, 0, 0x400000, 0x1000)
                .dynamic(0x180, DT_TEXTREL, 0)
                .bytes();
        Files.delete(directory.resolve("proc/" + PID + "/map_files/400000-800000"));
        root.zeros("proc/" + PID + "/mem", 1L << 40);
        try (RandomAccessFile memory = new RandomAccessFile(new File(root.file(), "proc/" + PID + "/mem"), "rw")) {
            memory.seek(0x400000);
            memory.write(patched);
        }
        assertOnlyTheLibraryGoes("its loader patches it (text relocations, DT_TEXTREL)");
    }

    @Test
    void codeOfAFileThatCannotBeReadStays() throws Exception {
        Files.delete(directory.resolve("proc/" + PID + "/map_files/400000-800000"));
        Decision decision = attach();
        assertThat(((Decision.Proposed) decision).plan().header().notes())
                .anyMatch(note -> note.startsWith("0x400000-0x800000 r-x: left as it is: its file cannot be read: "));
    }

    @Test
    void codeOfAFileThatIsNoElfFileGoes() throws Exception {
        root.mapped(PID, "400000-800000", "MZ".repeat(100).getBytes(UTF_8));
        assertThat(((Decision.Proposed) attach()).plan().header().regions()).hasSize(2);
    }

    @Test
    void a32BitProgramIsRefused() throws Exception {
        Files.delete(directory.resolve("proc/" + PID + "/exe"));
        Path small = library().with32Bits().writeTo(directory.resolve("small"));
        Files.createSymbolicLink(directory.resolve("proc/" + PID + "/exe"), small);
        assertRefused(PID, "process 4242 runs a 32-bit program; only 64-bit ones are supported");
    }

    @Test
    void aZombieAThreadAndAProcessThatIsGoneAreRefused() throws Exception {
        String status = "proc/" + PID + "/status";
        root.file(status, "Name:\tx\nState:\tZ (zombie)\nTgid:\t4242\n");
        assertRefused(
                PID, "process 4242 has ended and waits for its parent to notice (a zombie): it has no memory any more");
        root.file(status, "Name:\tx\nState:\tS (sleeping)\nTgid:\t4200\n");
        assertRefused(PID, "process 4242 is a thread of process 4200: give that one");
        assertRefused(4343, "there is no process 4343");
    }

    private void assertRefused(int pid, String reason) {
        for (Settings settings : List.of(ATTACH, Settings.undo())) {
            assertThatThrownBy(() -> new LivePlanner(root.file()).plan(pid, settings))
                    .isInstanceOf(UnreadableProcessException.class)
                    .hasMessage(reason);
        }
    }

    @Test
    void theHelperItselfIsRefused() throws Exception {
        File real = new File("/");
        int self = OwnProcess.id(real);
        assertThatThrownBy(() -> new LivePlanner(real).plan(self, ATTACH))
                .isInstanceOf(UnreadableProcessException.class)
                .hasMessage("process " + self + " is this helper itself");
    }

    @Test
    void anUndoAsksTheHeadersOfAFileWhoseMappingsDoNotTell() throws Exception {
        String maps = """
                7f0000000000-7f00001ff000 r--p 00000000 08:01 8 /lib/a.so
                7f0000200000-7f0000600000 r-xp 00000000 00:00 0
                200000200000-200000600000 ---p 001ff000 08:01 8 /lib/a.so
                """;
        Files.write(directory.resolve("proc/" + PID + "/maps"), maps.getBytes(UTF_8));
        byte[] headers = ElfImage.positionIndependent()
                .load(ElfImage.READ, 0, 0, 0x1fe123, 0x1000)
                .load(ElfImage.READ_EXECUTE, 0x1ff000, 0x200000, 0x400000, 0x1000)
                .bytes();
        root.mapped(PID, "7f0000000000-7f00001ff000", headers);
        Decision decision = new LivePlanner(root.file()).plan(PID, Settings.undo());
        assertThat(((Decision.Proposed) decision).plan().header().regions())
                .extracting(Region::range)
                .hasToString("[0x7f0000200000-0x7f0000600000]");
    }
}
