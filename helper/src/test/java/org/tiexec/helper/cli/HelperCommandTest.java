package org.tiexec.helper.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.helper.testing.ElfImage;
import org.tiexec.helper.testing.FakeRoot;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;

/** The command line as a caller sees it: exit status, stdout, stderr. */
final class HelperCommandTest {
    private static final long PAGE = 0x1000;
    private static final long DT_TEXTREL = 22;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @TempDir
    private Path directory = Path.of("");

    private FakeRoot root = new FakeRoot(directory);

    @BeforeEach
    void recordedMachine() throws Exception {
        RecordedProcess node = RecordedProcess.named("node-exec-stop");
        RecordedProcess perl = RecordedProcess.named("perl");
        root = FakeRoot.running(directory, "6.18.44")
                .thp("always [madvise] never")
                .pool(16, 16, 0, 0, 0)
                .process(RecordedProcess.PID, node.maps(), node.auxv(), new FakeRoot(directory).executable("node"))
                .file("proc/" + RecordedProcess.PID + "/smaps", "")
                .process(4343, perl.maps(), perl.auxv(), new FakeRoot(directory).executable("perl"));
    }

    @Test
    void printsThePlanForAProcess() throws Exception {
        assertThat(run("plan", "--pid=4242")).isZero();
        Plan plan = plan();
        PlanValidator.validate(
                plan,
                RecordedProcess.PID,
                RecordedProcess.named("node-exec-stop").mappings());
        assertThat(plan.header().exe()).isEqualTo(directory.resolve("node").toString());
        assertThat(plan.header().backing()).isEqualTo(BackingName.HUGETLB);
        assertThat(plan.header().method()).isEqualTo(MethodName.STAGED_SWAP);
        assertThat(errors.toString(UTF_8)).isEmpty();
    }

    @Test
    void plansAsTheOptionsSay() throws Exception {
        assertThat(run("plan", "--pid=4242", "--strategy=conservative", "--backing=thp", "--method=in-place"))
                .isZero();
        assertThat(plan().header().backing()).isEqualTo(BackingName.THP);
        assertThat(plan().header().method()).isEqualTo(MethodName.IN_PLACE);
    }

    @Test
    void plansAnAttachToWhatIsMeant() throws Exception {
        root.running(RecordedProcess.PID, "").zeros("proc/4242/mem", 1L << 40);
        for (String targets : List.of("--targets=exe", "--targets=exe,libs", "--targets=libs,exe")) {
            assertThat(run("plan", "--pid=4242", "--for=attach", targets)).isZero();
            assertThat(plan().header().purpose()).isEqualTo(Purpose.ATTACH);
            PlanValidator.validate(
                    plan(),
                    RecordedProcess.PID,
                    RecordedProcess.named("node-exec-stop").mappings());
        }
        assertThat(run("plan", "--pid=4242", "--for=attach", "--targets=libs")).isZero();
        assertThat(declined().reason()).startsWith("nothing to do: no mapping of a library has 2 MB of aligned code");
    }

    @Test
    void plansAnUndo() throws Exception {
        root.running(RecordedProcess.PID, "");
        assertThat(run("plan", "--pid=4242", "--for=undo")).isZero();
        assertThat(declined())
                .isEqualTo(new Message.Declined(true, "nothing to undo: no code of a file is parked in process 4242"));
    }

    @Test
    void plansAroundSealedCode() throws Exception {
        root.file("proc/4242/smaps", """
                00b72000-025fe000 r-xp 00772000 fe:00 260689   /usr/bin/node
                Size:              27184 kB
                KernelPageSize:        4 kB
                VmFlags: rd ex mr mw me sl\s
                """);
        assertThat(run("plan", "--pid=4242")).isZero();
        assertThat(declined().reason()).contains("sealed by the program (mseal)");
    }

    @Test
    void printsALineWhenThereIsNothingToDo() throws Exception {
        assertThat(run("plan", "--pid=4343")).isZero();
        assertThat(declined())
                .isEqualTo(new Message.Declined(
                        true,
                        "nothing to do: no mapping of the executable has 2 MB of aligned code (largest: 1.5 MB)"));
        assertThat(errors.toString(UTF_8)).isEmpty();
    }

    @Test
    void failsWhenTheProcessIsGone() {
        assertThat(run("plan", "--pid=99999")).isEqualTo(1);
        assertOneLine("helper: there is no process 99999");
    }

    @Test
    void failsWhenThePagesThatWereAskedForCannotBeHad() throws Exception {
        root.pool(16, 11, 0, 0, 0);
        assertThat(run("plan", "--pid=4242", "--backing=hugetlb")).isEqualTo(1);
        assertOneLine("helper: hugetlb: 12 pages needed, 11 free (reserve: sysctl vm.nr_hugepages=17)");
    }

    @Test
    void plansForAProgramThatDoesNotRun() throws Exception {
        Path program = ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x5000000, PAGE)
                .load(ElfImage.READ_WRITE, 0x5000000, 0x5400000, 0x1000, PAGE)
                .writeTo(directory.resolve("program"));
        assertThat(run("plan", "--elf=" + program, "--backing=thp")).isZero();
        assertThat(plan().header().pid()).isZero();
        assertThat(plan().header().exe()).isEqualTo(program.toString());
        assertThat(plan().header().bytes()).isEqualTo(0x5000000);
    }

    @Test
    void leavesAProgramWithTextRelocationsAsItIs() throws Exception {
        Path program = ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x5000000, PAGE)
                .load(ElfImage.READ_WRITE, 0x180, 0x5400180, 0x100, PAGE)
                .dynamic(0x5400180, DT_TEXTREL, 0)
                .writeTo(directory.resolve("program"));

        assertThat(run("plan", "--elf=" + program, "--backing=thp")).isZero();

        assertThat(declined().nothingToDo()).isTrue();
        assertThat(declined().reason())
                .contains("0x400000-0x5400000 r-x: left as it is: its loader is going to patch it (text relocations");
    }

    @Test
    void plansForAProgramOfThisMachine() throws Exception {
        String java = Path.of("/proc/self/exe").toRealPath().toString();
        assertThat(run("plan", "--elf=" + java)).isZero();
        assertThat(declined().nothingToDo()).isTrue();
    }

    @Test
    void failsForFilesThatAreNoPrograms() throws Exception {
        Path text =
                Files.write(directory.resolve("text"), "#!/bin/sh\n".repeat(20).getBytes(UTF_8));
        assertThat(run("plan", "--elf=" + text)).isEqualTo(1);
        assertOneLine("helper: " + text + ": not an ELF file");
    }

    @Test
    void failsForTruncatedFiles() throws Exception {
        byte[] whole = ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x400000, PAGE)
                .bytes();
        Path header = Files.write(directory.resolve("header"), Arrays.copyOf(whole, 40));
        assertThat(run("plan", "--elf=" + header)).isEqualTo(1);
        assertOneLine("helper: " + header + ": truncated: ELF header incomplete");
        errors.reset();
        Path table = Files.write(directory.resolve("table"), Arrays.copyOf(whole, 100));
        assertThat(run("plan", "--elf=" + table)).isEqualTo(1);
        assertOneLine("helper: " + table + ": truncated: program headers incomplete");
    }

    @Test
    void failsForOtherMachines() throws Exception {
        Path small = ElfImage.executable().with32Bits().writeTo(directory.resolve("small"));
        assertThat(run("plan", "--elf=" + small)).isEqualTo(1);
        assertOneLine("helper: " + small + ": a 32-bit program; only 64-bit ones are supported");
        errors.reset();
        Path arm = ElfImage.executable()
                .machine(183)
                .load(ElfImage.READ_EXECUTE, 0, 0x400000, 0x400000, PAGE)
                .writeTo(directory.resolve("arm"));
        assertThat(run("plan", "--elf=" + arm)).isEqualTo(1);
        assertOneLine("helper: " + arm + ": not for x86-64 (ELF machine 183)");
    }

    @Test
    void failsForWhatIsNoFile() throws Exception {
        assertThat(run("plan", "--elf=/nonexistent/program")).isEqualTo(1);
        assertOneLine("helper: /nonexistent/program: no such file");
        errors.reset();
        assertThat(run("plan", "--elf=" + directory)).isEqualTo(1);
        assertOneLine("helper: " + directory + ": is a directory");
        errors.reset();
        assertThat(run("plan", "--elf=/dev/null")).isEqualTo(1);
        assertOneLine("helper: /dev/null: not a regular file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plan                            | helper: what to plan for is missing: --pid=PID or --elf=FILE (see: helper plan --help)",
                "plan --pid=1 --elf=/x           | helper: --pid and --elf exclude each other: give one of them"
                        + " (see: helper plan --help)",
                "plan --pid=x                    | helper: Invalid value for option '--pid': 'x' is no process id"
                        + " (see: helper plan --help)",
                "plan --pid=0                    | helper: Invalid value for option '--pid': '0' is no process id"
                        + " (see: helper plan --help)",
                "plan --pid=-7                   | helper: Invalid value for option '--pid': '-7' is no process id"
                        + " (see: helper plan --help)",
                "plan --pid=1 --backing=1g       | helper: Invalid value for option '--backing': '1g' is none of"
                        + " auto, hugetlb, thp (see: helper plan --help)",
                "plan --pid=1 --method=fast      | helper: Invalid value for option '--method': 'fast' is none of"
                        + " auto, staged-swap, in-place (see: helper plan --help)",
                "plan --pid=1 --strategy=wild    | helper: Invalid value for option '--strategy': 'wild' is none of"
                        + " conservative, aggressive (see: helper plan --help)",
                "plan --pid=1 --for=fun          | helper: Invalid value for option '--for': 'fun' is none of"
                        + " launch, attach, undo (see: helper plan --help)",
                "plan --pid=1 --for=attach --targets=all | helper: Invalid value for option '--targets': 'all' is none of"
                        + " exe, libs, exe,libs (see: helper plan --help)",
                "plan --pid=1 --for=attach --method=in-place | helper: in-place is for launches only:"
                        + " it leaves a process without its code (see: helper plan --help)",
                "plan --elf=/x --targets=libs    | helper: which libraries a program loads is known when it runs:"
                        + " give --pid=PID (see: helper plan --help)",
                "plan --elf=/x --lib=libx*       | helper: which libraries a program loads is known when it runs:"
                        + " give --pid=PID (see: helper plan --help)",
                "plan --pid=1 --max-pages=0      | helper: pages are counted from 1 (see: helper plan --help)",
                "plan --pid=1 --for=undo --targets=exe | helper: an undo is of all that is parked"
                        + " (see: helper plan --help)",
                "plan --elf=/x --for=attach      | helper: --for=attach is for processes that run: give --pid=PID"
                        + " (see: helper plan --help)",
                "plan --pid=1 --frobnicate       | helper: unknown option '--frobnicate' (see: helper plan --help)",
                "plan --pid=1 surplus            | helper: not expected here: 'surplus'" + " (see: helper plan --help)",
                "frobnicate                      | helper: not expected here: 'frobnicate'" + " (see: helper --help)",
                "serve --now                     | helper: unknown option '--now' (see: helper serve --help)",
            })
    void refusesCommandLinesThatItDoesNotUnderstand(String line, String message) {
        assertThat(run(line.split(" +"))).isEqualTo(2);
        assertOneLine(message);
    }

    @Test
    void refusesAnEmptyCommandLine() {
        assertThat(run()).isEqualTo(2);
        assertOneLine(
                "helper: a command is missing: helper plan --pid=PID or helper plan --elf=FILE (see: helper --help)");
    }

    @Test
    void helpsWithExamples() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(UTF_8)).contains("plan", "serve", "Examples:", "helper plan --pid=4242");
        out.reset();
        assertThat(run("plan", "--help")).isZero();
        assertThat(out.toString(UTF_8))
                .contains(
                        "auto, hugetlb, thp. Default: auto.",
                        "auto, staged-swap, in-place.",
                        "launch, attach, undo. Default: launch.",
                        "Exit status: 0",
                        "helper plan --elf=/usr/bin/gdb | head -n 1");
        assertThat(errors.toString(UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "plan --help", "serve --help"})
    void theHelpFitsTheScreen(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(out.toString(UTF_8).lines()).hasSizeGreaterThan(3).allMatch(text -> text.length() <= 100);
    }

    @Test
    void saysThatThePlanCouldNotBeWritten() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        int status = HelperCommand.run(root.file(), full, new PrintStream(errors, true, UTF_8), "plan", "--pid=4242");
        assertThat(status).isEqualTo(1);
        assertOneLine("helper: standard output cannot be written to: No space left on device");
    }

    @Test
    void tellsItsVersion() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString(UTF_8)).startsWith("helper ");
    }

    private int run(String... args) {
        out.reset();
        return HelperCommand.run(root.file(), out, new PrintStream(errors, true, UTF_8), args);
    }

    private void assertOneLine(String line) {
        assertThat(errors.toString(UTF_8)).isEqualTo(line + "\n");
        assertThat(out.toString(UTF_8)).isEmpty();
    }

    private Message.Declined declined() throws Exception {
        return (Message.Declined) messages().get(0);
    }

    private Plan plan() throws Exception {
        List<Message> messages = messages();
        PlanHeader header = ((Message.PlanStart) messages.get(0)).header();
        List<Step> steps = new ArrayList<>();
        for (Message message : messages.subList(1, messages.size() - 1)) {
            steps.add(((Message.PlanStep) message).step());
        }
        assertThat(messages.get(messages.size() - 1)).isEqualTo(new Message.PlanEnd(steps.size()));
        return new Plan(header, steps);
    }

    private List<Message> messages() throws Exception {
        MessageReader reader = new MessageReader(new ByteArrayInputStream(out.toByteArray()));
        List<Message> messages = new ArrayList<>();
        Optional<Message> message = reader.next();
        while (message.isPresent()) {
            messages.add(message.get());
            message = reader.next();
        }
        return messages;
    }
}
