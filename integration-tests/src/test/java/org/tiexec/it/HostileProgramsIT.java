package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.ElfPrediction;
import org.tiexec.helper.planner.LivePlanner;
import org.tiexec.helper.planner.Planner;
import org.tiexec.helper.proc.HostFiles;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.CraftedElf;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Installation;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Settings;

/** Files that are made to mislead, to block or to break us do to the program what they do without us, no more. */
@InLab
@Timeout(60)
final class HostileProgramsIT {
    private static final long MB = 1L << 20;
    private static final long TB = 1L << 40;

    /** What the kernel does with them is its own affair; half of them run. */
    private static final Map<String, CraftedElf> FILES = new TreeMap<>(Map.ofEntries(
            Map.entry("honest", CraftedElf.honest()),
            Map.entry("position-independent", pie(0x1000)),
            Map.entry("overlapping", CraftedElf.honest().load(CraftedElf.RX, 0, 0x600000, 4 * MB, 4 * MB, 0x1000)),
            Map.entry(
                    "one page over the other",
                    CraftedElf.honest().load(CraftedElf.RX, 0x1000, 0xbff000, 4 * MB, 4 * MB, 0x1000)),
            Map.entry(
                    "written over its own code", CraftedElf.honest().load(6, 2 * MB, 0x800000, 2 * MB, 2 * MB, 0x1000)),
            Map.entry("a terabyte of holes", terabyte(CraftedElf.RX)),
            Map.entry(
                    "a terabyte more in memory", new CraftedElf().load(CraftedElf.RX, 0, 0x400000, 8 * MB, TB, 0x1000)),
            Map.entry(
                    "sixteen gigabytes of holes",
                    new CraftedElf()
                            .load(CraftedElf.RX, 0, 0x400000, 16L << 30, 16L << 30, 0x1000)
                            .fileBytes(16L << 30)),
            Map.entry("cut behind its first instructions", CraftedElf.honest().fileBytes(0x2000)),
            Map.entry("cut within the program headers", CraftedElf.honest().fileBytes(100)),
            Map.entry("cut within the header", CraftedElf.honest().fileBytes(63)),
            Map.entry("empty", CraftedElf.honest().fileBytes(0)),
            Map.entry(
                    "linked into the kernel",
                    CraftedElf.honest().load(CraftedElf.RX, 0, 0xffff800000400000L, 8 * MB, 8 * MB, 0x1000)),
            Map.entry("a negative size", CraftedElf.honest().load(CraftedElf.RX, 0, 0x10000000, -1, -1, 0x1000)),
            Map.entry(
                    "a negative offset", CraftedElf.honest().load(CraftedElf.RX, -0x1000, 0x10000000, MB, MB, 0x1000)),
            Map.entry(
                    "beyond the end of memory",
                    CraftedElf.honest().load(CraftedElf.RX, 0, (1L << 47) - 0x1000, 8 * MB, 8 * MB, 0x1000)),
            Map.entry(
                    "more in the file than in memory",
                    CraftedElf.honest().load(CraftedElf.RX, 0, 0x10000000, 8 * MB, MB, 0x1000)),
            Map.entry("65535 program headers", CraftedElf.honest().declaredEntries(0xffff)),
            Map.entry("1171 program headers", CraftedElf.honest().declaredEntries(1171)),
            Map.entry("1170 program headers", CraftedElf.honest().declaredEntries(1170)),
            Map.entry("no program headers", CraftedElf.honest().declaredEntries(0)),
            Map.entry("program headers of 0 bytes", CraftedElf.honest().field16(54, 0)),
            Map.entry("program headers of 57 bytes", CraftedElf.honest().field16(54, 57)),
            Map.entry("program headers past the end", CraftedElf.honest().field64(32, 9 * MB)),
            Map.entry("program headers at the end of files", CraftedElf.honest().field64(32, Long.MAX_VALUE)),
            Map.entry("program headers before the file", CraftedElf.honest().field64(32, -56)),
            Map.entry("its own headers as program headers", CraftedElf.honest().field64(32, 0)),
            Map.entry("aligned to 0", aligned(0)),
            Map.entry("aligned to 3", aligned(3)),
            Map.entry("aligned to 2^62", aligned(1L << 62)),
            Map.entry("aligned to 2^63", aligned(Long.MIN_VALUE)),
            Map.entry("position-independent, aligned to 0", pie(0)),
            Map.entry("position-independent, aligned to 3", pie(3)),
            Map.entry("position-independent, aligned to 2^46", pie(1L << 46)),
            Map.entry("position-independent, aligned to 2^62", pie(1L << 62)),
            Map.entry(
                    "position-independent, downwards",
                    new CraftedElf()
                            .positionIndependent()
                            .load(CraftedElf.RX, 0, 0x40000000, 8 * MB, 8 * MB, 0x1000)
                            .load(CraftedElf.RX, 0, 0, 8 * MB, 8 * MB, 0x1000)),
            Map.entry(
                    "position-independent, linked to the end of memory",
                    new CraftedElf()
                            .positionIndependent()
                            .load(CraftedElf.RX, 0, 0, 8 * MB, 8 * MB, 0x1000)
                            .load(CraftedElf.RX, 0, (1L << 47) - 16 * MB, 8 * MB, 8 * MB, 1L << 40)),
            Map.entry("without rights", CraftedElf.honest().load(0, 0, 0x10000000, 8 * MB, 8 * MB, 0x1000)),
            Map.entry("execute only", new CraftedElf().load(1, 0, 0x400000, 8 * MB, 8 * MB, 0x1000)),
            Map.entry("writable and executable", new CraftedElf().load(7, 0, 0x400000, 8 * MB, 8 * MB, 0x1000)),
            Map.entry("begins elsewhere", CraftedElf.honest().field64(24, 0xdead0000L)),
            Map.entry("begins in its middle", CraftedElf.honest().field64(24, 0x800000)),
            Map.entry("another processor", CraftedElf.honest().field16(18, 183)),
            Map.entry("a core file", CraftedElf.honest().field16(16, 4)),
            Map.entry("interpreted by itself", CraftedElf.honest().interpreter("/proc/self/exe")),
            Map.entry("interpreted by a device", CraftedElf.honest().interpreter("/dev/zero")),
            Map.entry("interpreted by nothing", CraftedElf.honest().interpreter("/no/such/interpreter")),
            Map.entry("interpreted by a directory", CraftedElf.honest().interpreter("/tmp")),
            Map.entry(
                    "an interpreter's name past the end",
                    CraftedElf.honest().entry(CraftedElf.PT_INTERP, 4, 1L << 40, 0, 16, 16, 1)),
            Map.entry(
                    "an interpreter's name of a gigabyte",
                    CraftedElf.honest().entry(CraftedElf.PT_INTERP, 4, 0, 0, 1L << 30, 1L << 30, 1)),
            Map.entry(
                    "an interpreter's name without end",
                    CraftedElf.honest().entry(CraftedElf.PT_INTERP, 4, CraftedElf.CODE, 0, 4, 4, 1)),
            Map.entry(
                    "a dynamic section anywhere",
                    CraftedElf.honest()
                            .entry(CraftedElf.PT_DYNAMIC, 6, -8, Long.MIN_VALUE, -1, -1, 8)
                            .entry(CraftedElf.PT_DYNAMIC, 6, 1L << 40, 0x400000, 1L << 40, 1L << 40, 8)
                            .entry(CraftedElf.PT_DYNAMIC, 6, 0x1000, 0x401000, 8 * MB, 8 * MB, 8)),
            Map.entry(
                    "headers that say they are elsewhere",
                    CraftedElf.honest().entry(CraftedElf.PT_PHDR, 4, 4 * MB, 0x800000, 56, 56, 8)),
            Map.entry(
                    "notes of a terabyte", CraftedElf.honest().entry(CraftedElf.PT_NOTE, 4, 0, 0x400000, TB, TB, 4))));

    private static CraftedElf aligned(long alignment) {
        return new CraftedElf().load(CraftedElf.RX, 0, 0x400000, 8 * MB, 8 * MB, alignment);
    }

    private static CraftedElf pie(long alignment) {
        return new CraftedElf().positionIndependent().load(CraftedElf.RX, 0, 0, 8 * MB, 8 * MB, alignment);
    }

    private static CraftedElf terabyte(int flags) {
        return new CraftedElf().load(flags, 0, 0x400000, TB, TB, 0x1000).fileBytes(TB);
    }

    static Stream<String> files() {
        return FILES.keySet().stream();
    }

    // ---- files that mislead

    @ParameterizedTest
    @MethodSource("files")
    void aCraftedFileRunsAsItDoesPlain(String name, Lab lab) {
        lab.pool().provide(0);
        Path file = write(name, lab);

        assertRunsAsPlain(lab, file);
    }

    /** With nobody to report to but the caller: anything else than these two ends is a crash. */
    @ParameterizedTest
    @MethodSource("files")
    void aCraftedFileIsPlannedOrRefused(String name, Lab lab) throws IOException {
        Path file = write(name, lab);
        try (FileChannel channel = FileChannel.open(file)) {
            ElfHeaders headers = ElfHeaders.read(channel);
            assertIsModest(Planner.plan(
                    ElfPrediction.of(file.toString(), headers, Settings.DEFAULT.strategy()),
                    new HostFiles(new File("/")).read(),
                    Settings.DEFAULT));
        } catch (MalformedElfException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    /** What stands still in its read of standard input is looked at as any process is. */
    @ParameterizedTest
    @MethodSource("files")
    void aProcessOfACraftedFileIsPlanned(String name, Lab lab) throws Exception {
        Optional<RunningProgram> started = started(lab.plain(write(name, lab)));
        if (started.isEmpty()) {
            return;
        }
        RunningProgram plain = started.get();
        plain.awaitThat(
                "it runs or has ended",
                () -> plain.out().equals("ran\n") || !plain.process().isAlive());
        if (plain.process().isAlive()) {
            assertIsModestOrRefused((int) plain.process().pid());
        }
        plain.finish();
        emptyWorkingDirectory(lab);
    }

    private static void assertIsModestOrRefused(int pid) throws Exception {
        try {
            assertIsModest(new LivePlanner(new File("/")).planAroundSeals(pid, Settings.DEFAULT));
        } catch (UnreadableProcessException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    /** Empty if the kernel refuses. */
    private static Optional<RunningProgram> started(Command command) {
        try {
            return Optional.of(command.start());
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static void assertIsModest(Decision decision) {
        if (decision instanceof Decision.Proposed proposed) {
            assertThat(proposed.plan().header().bytes()).isBetween(2 * MB, Plan.MAX_BYTES);
            assertThat(proposed.plan().steps()).hasSizeLessThan(Plan.MAX_STEPS);
        } else {
            assertThat(((Decision.Declined) decision).reason()).hasSizeLessThan(64 << 10);
        }
    }

    @Test
    void theHonestOneIsOnHugePagesSoThatTheOthersProveSomething(Lab lab) {
        lab.pool().provide(0);

        assertThat(lab.tracer("--strict", "--backing=thp")
                        .of(write("honest", lab))
                        .run())
                .isEqualTo(new Outcome(7, "ran\n", ""));
        assertThat(lab.tracer("-v").of(write("honest", lab)).run().err()).contains("its code is on 2 MB pages");
    }

    @Test
    void moreSegmentsThanAPlanMayHaveAreLeftAsTheyAre(Lab lab) throws Exception {
        CraftedElf many = CraftedElf.honest();
        for (int i = 0; i < 1100; i++) {
            many.load(CraftedElf.RX, 0, 0x10000000L + 8 * MB * i, 3 * MB, 3 * MB, 0x1000);
        }
        Path file = many.write(lab.directory().resolve("program"));

        Outcome planned = lab.helper("plan", "--elf=" + file, "--backing=thp").run();

        assertThat(planned.status()).as(planned.err()).isZero();
        assertThat(planned.outLines().get(0)).contains("a plan has at most 256 regions");
    }

    private static Path write(String name, Lab lab) {
        CraftedElf file = FILES.get(name);
        assertThat(file).isNotNull();
        return file.write(lab.directory().resolve("program"));
    }

    private static Outcome assertRunsAsPlain(Lab lab, Object... program) {
        // env and we search as execvp(3) does; Java's own start would refuse some of these files
        Outcome plain = lab.plain(program).after("env").run();
        Outcome traced = lab.traced(program).run();
        emptyWorkingDirectory(lab);
        List<String> others = traced.errLines().stream()
                // env(1) says it where a program is not traced
                .filter(line -> !line.startsWith("tracer: ") && !line.startsWith("/usr/bin/env: "))
                .sorted()
                .toList();
        List<String> wanted = plain.errLines().stream()
                .filter(line -> !line.startsWith("env: "))
                .sorted()
                .toList();

        assertThat(traced.status()).as(traced.toString()).isEqualTo(plain.status());
        assertThat(traced.out()).isEqualTo(plain.out());
        assertThat(others).isEqualTo(wanted);
        assertThat(traced.errLines().size() - others.size()).as(traced.err()).isLessThanOrEqualTo(1);
        return traced;
    }

    /** What the kernel refuses is run by the shell, which takes the headers for commands, one of them with a ">". */
    private static void emptyWorkingDirectory(Lab lab) {
        lab.plain("find", ".", "-mindepth", "1", "-delete").run();
    }

    // ---- files that block

    static Stream<Arguments> notFiles() {
        return Stream.of(
                arguments("a named pipe", "mkfifo program && chmod 755 program"),
                arguments(
                        "a socket",
                        "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => \"program\", Listen"
                                + " => 1) or die' && chmod 755 program"),
                arguments("a directory", "mkdir program"),
                arguments("a device", "mknod program c 1 5 && chmod 755 program"),
                arguments("a device of another kind", "mknod program b 7 250 && chmod 755 program"),
                arguments("a link to itself", "ln -s program program"),
                arguments("a link to memory", "ln -s /proc/self/mem program"),
                arguments("a link to the kernel's messages", "ln -s /proc/kmsg program"),
                arguments("a link to a pipe of its own", "ln -s /proc/self/fd/0 program"));
    }

    @ParameterizedTest
    @MethodSource("notFiles")
    void whatIsNoFileIsNotExecuted(String what, String making, Lab lab) throws IOException {
        make(making, lab);

        assertRunsAsPlain(lab, "../program");
    }

    @ParameterizedTest
    @MethodSource("notFiles")
    void whatIsNoFileIsNoInterpreterOfAScript(String what, String making, Lab lab) throws IOException {
        make(making, lab);
        Path script =
                lab.script("script", "#!" + lab.directory().resolve("program").toAbsolutePath() + "\n");

        assertRunsAsPlain(lab, script);
    }

    @ParameterizedTest
    @MethodSource("notFiles")
    void whatIsNoFileIsNoInterpreterOfAnElfFile(String what, String making, Lab lab) throws IOException {
        lab.pool().provide(0);
        make(making, lab);
        Path program = CraftedElf.honest()
                .interpreter(lab.directory().resolve("program").toString())
                .write(lab.directory().resolve("interpreted"));

        assertRunsAsPlain(lab, program);
    }

    @ParameterizedTest
    @MethodSource("notFiles")
    void whatIsNoFileCannotBePlanned(String what, String making, Lab lab) throws IOException {
        make(making, lab);

        Outcome helper = lab.helper("plan", "--elf=" + lab.directory().resolve("program"))
                .run();

        assertThat(helper.status()).as(helper.toString()).isEqualTo(1);
        assertThat(helper.errLines())
                .singleElement()
                .asString()
                .startsWith("helper: ")
                .doesNotContain("internal error");
    }

    private static void make(String command, Lab lab) {
        Outcome made = lab.plain("sh", "-c", command).in(lab.directory()).run();
        assertThat(made.status()).as(made.toString()).isZero();
    }

    // ---- names that mislead

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\nb",
                "\n",
                "program (deleted)",
                "[vdso]",
                "a b\tc",
                "\\012",
                "7fff0000-7fff1000 r-xp 00000000 00:00 0 [vdso]",
                "\u001b[2J\u0007",
                "\u0085\u009b",
                "\"}\n{\"type\":\"end\",\"steps\":0}",
                "%s%n",
                "-v",
                "m\u00fcll \ud83d\udc0c"
            })
    void aWeirdNameChangesNothing(String name, Lab lab) throws IOException {
        lab.pool().provide(0);
        Path program = Files.createLink(lab.directory().resolve(name), specimenIn(lab));

        assertIsSwapped(lab, program);
    }

    @Test
    void aNameOfFourThousandCharactersChangesNothing(Lab lab) throws IOException {
        lab.pool().provide(0);
        Path directory = lab.directory();
        while (directory.toString().length() < 3800) {
            directory = directory.resolve("d\n".repeat(100));
        }
        Files.createDirectories(directory);
        Path program = Files.createLink(
                directory.resolve("p".repeat(4000 - directory.toString().length())), specimenIn(lab));
        assertThat(program.toString()).hasSizeGreaterThan(3999);

        assertIsSwapped(lab, program);
    }

    private static Path specimenIn(Lab lab) throws IOException {
        return Files.copy(Specimens.specimen(), lab.directory().resolve("specimen"));
    }

    private static void assertIsSwapped(Lab lab, Path program) {
        Outcome plain = lab.plain(program, "check", "exit", "3").run();
        assertThat(plain.status()).isEqualTo(3);

        assertThat(lab.tracer("--strict", "--backing=thp")
                        .of(program, "check", "exit", "3")
                        .run())
                .isEqualTo(plain);
        // the pool is empty
        Outcome failing = lab.tracer("--backing=hugetlb")
                .of(program, "check", "exit", "3")
                .run();
        assertThat(failing.out()).isEqualTo(plain.out());
        assertThat(failing.status()).isEqualTo(3);
        assertThat(failing.errLines()).singleElement().asString().startsWith("tracer: ");
        assertThat(failing.err().strip().chars()).noneMatch(Character::isISOControl);
    }

    /** Java cannot name such a file: it is executed by its bytes, but neither judged nor, where that counts, run. */
    @Test
    void aNameThatIsNoTextRunsPlainAndNotWhereStrictnessCounts(Lab lab) throws IOException {
        lab.pool().provide(0);
        specimenIn(lab);
        String named = "name=$(printf '../\\377\\nx'); cp ../specimen \"$name\"; exec \"$@\" \"$name\" check exit 3";

        Outcome plain = lab.plain("env").after("sh", "-c", named, "sh").run();
        Outcome traced =
                lab.tracerCommand("run", "--").after("sh", "-c", named, "sh").run();
        Outcome strict = lab.tracerCommand("run", "--strict", "--")
                .after("sh", "-c", named, "sh")
                .run();

        assertThat(plain.status()).as(plain.toString()).isEqualTo(3);
        assertThat(traced).isEqualTo(plain);
        assertThat(strict.status()).isEqualTo(125);
        assertThat(strict.out()).isEmpty();
        assertThat(strict.errLines()).singleElement().asString().contains("no text");
    }

    // ---- files that change

    static Stream<Arguments> replacements() {
        return Stream.of(
                arguments("a small program", "cp " + Specimens.smallSpecimen() + " other"),
                arguments("a 32-bit program", "cp " + Specimens.program32() + " other"),
                arguments(
                        "another program with large code",
                        "cp " + Specimens.specimen(Specimens.Linkage.STATIC_PIE) + " other"),
                arguments("a script", "printf '#!/bin/sh\\nexit 4\\n' >other"),
                arguments("a script without its first line", "printf 'exit 5\\n' >other"),
                arguments("a named pipe", "mkfifo other"),
                arguments("an empty file", ": >other"),
                arguments("a file that nobody may execute", "cp /dev/null other; chmod 600 other"));
    }

    /** What runs is judged anew: from the process that the kernel made of it, never by the path. */
    @ParameterizedTest
    @MethodSource("replacements")
    void aFileThatIsReplacedAfterItWasJudgedRunsAsTheOther(String what, String making, Lab lab) throws IOException {
        lab.pool().provide(0);
        make(making.contains("chmod") ? making : making + " && chmod 755 other", lab);
        Outcome plain = lab.plain("../other", "say", "something", "exit", "0")
                .after("env")
                .run();

        Outcome traced = replaced(lab).run();

        assertThat(traced.status()).as(traced.toString()).isEqualTo(plain.status());
        assertThat(traced.out()).isEqualTo(plain.out());
        assertThat(traced.err()).doesNotContain("unexpected", "Exception");
    }

    /** The kernel itself takes away what a tracer without the right to it must not have: nothing is gained by it. */
    @Test
    void aFileThatBecomesSetUserIdAfterItWasJudgedDoesNotGainARight(Lab lab) throws IOException {
        lab.pool().provide(0);
        make("cp " + Specimens.specimen() + " other", lab);
        User.DAEMON.own(lab.directory().resolve("other"));
        Files.setAttribute(lab.directory().resolve("other"), "unix:mode", 04755);
        Files.setAttribute(lab.directory(), "unix:mode", 0777);

        Outcome traced = replaced(lab, "ids").as(User.NOBODY).run();

        assertThat(traced.out()).contains("users 65534 65534 65534");
    }

    private static Command replaced(Lab lab, String... arguments) throws IOException {
        Path program = Files.copy(Specimens.specimen(), lab.directory().resolve("program"));
        String replacing = "#!/bin/sh\nmv -f '%s/other' '%s'\nexec '%s/helper/bin/helper' \"$@\"\n"
                .formatted(lab.directory(), program, Lab.root());
        // in place, the helper starts before the file is judged
        return Installation.withHelper(lab, replacing)
                .tracer("--launch=child")
                .of(program)
                .before(arguments.length == 0 ? new Object[] {"say", "something", "exit", "0"} : arguments);
    }
}
