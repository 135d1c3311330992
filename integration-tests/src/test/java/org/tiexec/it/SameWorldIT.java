package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Installation;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TracerRun;
import org.tiexec.it.support.User;
import org.tiexec.it.support.World;

/** The program cannot tell: whoever starts it, it sees the world that it would see without us. */
@InLab
final class SameWorldIT {
    private static final String DIRECTORY = "{directory}";

    /** A way in which somebody may start a program, and a line by which the program shows that it was started so. */
    enum Caller {
        PLAIN("^umask: "),
        ENV_I("^arguments: 2\nargument .*\nargument .*\nauxiliary ", by("env", "-i")),
        LOGIN_SHELL(
                "^variable [0-9a-f]+ \\|HOME=/root\\|$",
                by("env", "-i", "HOME=/root", "TERM=xterm", "bash", "-l", "-c", "exec \"$@\"", "bash")),
        CRON(
                "^descriptor 0: .* /dev/null,",
                by(
                        "env",
                        "-i",
                        "HOME=/root",
                        "LOGNAME=root",
                        "PATH=/usr/bin:/bin",
                        "SHELL=/bin/sh",
                        "sh",
                        "-c",
                        "exec \"$@\"",
                        "sh"),
                "open 0 /dev/null 0",
                "session"),
        ANOTHER_USER("^users: 65534 65534 65534$"),
        CLOSED_STANDARD_INPUT("^world\ndescriptor 1: ", "close 0"),
        CLOSED_STANDARD_DESCRIPTORS("^world\nblocked signals: ", "close 0", "close 1", "close 2"),
        DESCRIPTORS_WITH_HOLES(
                "^descriptor 3: fd flags 0, .*, offset 2, .*\ndescriptor 5: .*\ndescriptor 7: .*\ndescriptor 8: .*\n"
                        + "descriptor 9: .*\ndescriptor 12: .*\ndescriptor 255: .*\nblocked",
                "open 3 {directory}/file 0",
                "seek 3 2",
                // O_RDWR | O_APPEND
                "open 5 {directory}/file 0x402",
                "pipe 7 9",
                "sockets 8 12",
                "open 255 {directory}/file 0"),
        DESCRIPTORS_3_TO_9("^descriptor 9: .*\nblocked", descriptors3To9()),
        ODD_BYTES(
                "^argument fffe \\|\\.\\.\\|\nargument 0102.*ff .*\nargument  \\|\\|$",
                Stream.of(
                                "argument fffe",
                                "argument " + allBytes(),
                                "argument ''",
                                variable("BASH_FUNC_x%%=() { :; }"),
                                variable("a.b=c"),
                                variable("no equals sign"),
                                variable("TWICE=1"),
                                variable("TWICE=2"),
                                variable("=no name"),
                                variable("PWD=/nowhere"),
                                variable("TIEXEC_ENVIRON_0=from the caller"),
                                "variable ''",
                                "variable 4cfffe3dc328")
                        .toArray(String[]::new)),
        LARGE_ENVIRONMENT("^variable 4c4f4e473d(61|ff){100}", "large-variable 120000", "large-variable 130000"),
        VARIABLES_FOR_JVMS_AND_THE_LOADER(
                "^variable [0-9a-f]+ \\|JAVA_TOOL_OPTIONS=",
                variable("JAVA_TOOL_OPTIONS=-Xmx1m"),
                variable("JDK_JAVA_OPTIONS=-Xmx1m"),
                variable("_JAVA_OPTIONS=-Xmx1m"),
                variable("_JAVA_SR_SIGNUM=1"),
                variable("CLASSPATH=/nowhere"),
                variable("LD_LIBRARY_PATH=/nowhere"),
                variable("LD_BIND_NOW=1"),
                variable("GLIBC_TUNABLES=glibc.malloc.tcache_count=0"),
                variable("MALLOC_PERTURB_=7")),
        NAME_ALONG_PATH("^argument [0-9a-f]+ \\|world-[0-9a-f]+\\|\nargument") {
            @Override
            Object name(Path program) {
                return program.getFileName();
            }

            @Override
            List<String> prefix() {
                return List.of("env", "PATH=" + Specimens.world().getParent() + ":/usr/bin:/bin");
            }
        },
        IGNORED_SIGPIPE_AND_BLOCKED_SIGUSR1(
                "^blocked signals: 0000000000000[2367abef]0[04]\n(.*\n)+signal 13: ignored", "ignore 13", "block 10"),
        /** But for SIGCHLD, whose action a shell sets anew before it runs a line of a script, such as our launcher. */
        EVERY_SIGNAL_IGNORED_AND_BLOCKED("^blocked signals: fffffffffffbfeff$", ignoredAndBlocked()),
        PENDING_SIGNALS(
                "^pending: signal 10, code 0, value 0\npending: signal 12, ",
                "block 10",
                "block 12",
                "send 10",
                "send 12"),
        ULIMITS(
                "^limit 7: 40 40$",
                // of the stack, core files, processes, open files, locked memory
                "limit 3 1048576 -1",
                "limit 4 1000 -1",
                "limit 6 50 60",
                "limit 7 64 64",
                "limit 8 4096 65536"),
        /** Under which a JVM does not start. */
        NARROW_MEMORY("^limit 9: 11e1a300 ", "limit 2 50000000 -1", "limit 9 300000000 -1"),
        UNLIMITED_STACK("^limit 3: f{16} ", "limit 3 -1 -1"),
        NICE_TASKSET_AND_SETSID(
                "^nice: ([5-9]|1[0-9])\n(.*\n)+session: the process that was started",
                by("nice", "-n", "5", "ionice", "-c", "3", "taskset", "-c", "0", "setsid")),
        /** SCHED_BATCH with SCHED_RESET_ON_FORK, memory of any node. */
        SCHEDULING_THAT_IS_NOT_INHERITED(
                "^scheduling: policy 3, flags 1,", "scheduling 0x40000003 0", "memory-policy 3"),
        /** PR_SET_TIMERSLACK, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS. */
        ATTRIBUTES(
                "^umask: 77$",
                "umask 077",
                "write /proc/self/coredump_filter 0x7f",
                "write /proc/self/oom_score_adj 500",
                "prctl 29 12345",
                "prctl 36 1",
                "prctl 38 1"),
        TIMERS(
                "^timer 0: in hundreds of seconds 10, interval 500.000000$",
                "timer 0 1000 500",
                "timer 1 2000 3",
                "timer 2 3000 0"),
        /** ADDR_NO_RANDOMIZE: then even the addresses are the same. */
        NO_RANDOM_ADDRESSES("^addresses: stack 0x7ffff", "personality 0x40000"),
        /** PR_SET_THP_DISABLE. */
        NO_TRANSPARENT_PAGES("^thp disabled: 1$", "prctl 41 1") {
            @Override
            boolean allows(Way way) {
                return way != Way.THP;
            }
        },
        DELETED_DIRECTORY("^link /proc/self/cwd: .*/lost \\(deleted\\),", "lost-directory {directory}/lost"),
        GROUP_OF_ITS_OWN("^process group: the process that was started$", "group"),
        TERMINAL("^window: 33 x 99$", "terminal");

        private final String shows;

        /** Unmodifiable: each constant passes {@link List#of}. */
        @SuppressWarnings("ImmutableEnumChecker")
        private final List<String> prefix;

        /** Unmodifiable: each constant passes {@link List#of}. */
        @SuppressWarnings("ImmutableEnumChecker")
        private final List<String> settings;

        Caller(String shows, String... settings) {
            this(shows, by(), settings);
        }

        Caller(String shows, List<String> prefix, String... settings) {
            this.shows = shows;
            this.prefix = prefix;
            this.settings = List.of(settings);
        }

        Object name(Path program) {
            return program;
        }

        List<String> prefix() {
            return prefix;
        }

        boolean allows(Way way) {
            return true;
        }

        private static List<String> by(String... prefix) {
            return List.of(prefix);
        }

        private static String variable(String variable) {
            return "variable " + HexFormat.of().formatHex(variable.getBytes(StandardCharsets.UTF_8));
        }

        private static String allBytes() {
            return IntStream.rangeClosed(1, 255).mapToObj("%02x"::formatted).reduce("", String::concat);
        }

        private static String[] descriptors3To9() {
            return IntStream.rangeClosed(3, 9)
                    .mapToObj("open %d {directory}/file 0"::formatted)
                    .toArray(String[]::new);
        }

        private static String[] ignoredAndBlocked() {
            return Stream.concat(
                            IntStream.rangeClosed(1, 64)
                                    .filter(signal -> signal != 9 && signal != 17 && signal != 19)
                                    .mapToObj("ignore %d"::formatted),
                            Stream.of("block 0"))
                    .toArray(String[]::new);
        }
    }

    /** What the tracer makes of the program. */
    enum Way {
        HUGETLB("auto", Optional.of(Backing.HUGETLB)),
        THP("auto", Optional.of(Backing.THP)),
        NOTHING_TO_DO("auto", Optional.empty()),
        FAILURE("auto", Optional.empty()),
        CHILD("child", Optional.of(Backing.HUGETLB)),
        CHILD_WITH_NOTHING_TO_DO("child", Optional.empty()),
        CHILD_AND_FAILURE("child", Optional.empty());

        private final String launch;
        private final Optional<Backing> backing;

        Way(String launch, Optional<Backing> backing) {
            this.launch = launch;
            this.backing = backing;
        }

        boolean hasNothingToDo() {
            return this == NOTHING_TO_DO || this == CHILD_WITH_NOTHING_TO_DO;
        }

        Path program() {
            return hasNothingToDo() ? Specimens.smallWorld() : Specimens.world();
        }

        TracerRun tracer(Lab lab, Installation broken) {
            if (this == FAILURE || this == CHILD_AND_FAILURE) {
                return broken.tracer("--launch=" + launch);
            }
            if (this == NOTHING_TO_DO) {
                return lab.tracer("--strict");
            }
            return backing.isPresent()
                    ? lab.tracer(
                            "--strict",
                            "--launch=" + launch,
                            "--backing=" + backing.get().optionValue())
                    // two words: the launcher leaves the whole decision to the tracer
                    : lab.tracer("--strict", "--launch", launch);
        }

        void assertMadeOf(World world) {
            world.assertCodeOn(backing);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theProgramSeesTheWorldOfItsCaller(Caller caller, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        List<Way> ways = Stream.of(Way.values()).filter(caller::allows).toList();
        Installation broken = Installation.withoutHelper(lab);
        Starts starts = new Starts(lab, caller);
        starts.add(lab.plain(caller.name(Specimens.world())));
        starts.add(lab.plain(caller.name(Specimens.smallWorld())));
        for (Way way : ways) {
            starts.add(way.tracer(lab, broken).of(caller.name(way.program())));
        }

        List<World> worlds = starts.run();

        assertThat(starts.err().lines().filter(line -> !line.startsWith("sh: 0: getcwd() failed")))
                .as("what was written to standard error")
                .allMatch(line -> line.matches("tracer: .*: not found at .*; the program runs without 2 MB pages"))
                .hasSizeLessThanOrEqualTo(2);
        World large = worlds.get(0);
        World small = worlds.get(1);
        large.assertShows(caller.shows);
        large.assertCodeOn(Optional.empty());
        for (int i = 0; i < ways.size(); i++) {
            World world = worlds.get(i + 2);
            world.assertSameAs(ways.get(i).hasNothingToDo() ? small : large);
            ways.get(i).assertMadeOf(world);
        }
    }

    /** A comparison that sees no difference would be worth nothing. */
    @Test
    void differentWorldsDiffer(Lab lab) throws IOException {
        Starts plain = new Starts(lab, Caller.PLAIN);
        plain.add(lab.plain(Specimens.world()));
        plain.add(lab.plain(Specimens.world()));
        Starts withUmask = new Starts(lab, Caller.PLAIN);
        withUmask.add(lab.plain(Specimens.world()).after("sh", "-c", "umask 0137; exec \"$@\"", "sh"));

        List<World> same = plain.run();
        World different = withUmask.run().get(0);

        assertThat(same.get(1).differenceFrom(same.get(0))).isEmpty();
        assertThat(different.differenceFrom(same.get(0)))
                .contains("+ umask: 137", "- umask: 22", "+ status Umask:\t0137", "- status Umask:\t0022");
    }

    /** A library that is loaded before all others tells who loads it: the program, and the shells that start us, but no JVM. */
    @Test
    void noJvmOfOursLoadsWhatIsMeantForTheProgram(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path loadedBy = lab.file("loaded-by", "");

        Outcome traced = lab.tracer("--strict")
                .of(Specimens.specimen(), "check")
                .with("LD_PRELOAD", Specimens.preloadedLibrary().toString())
                .with("LOADED_BY", loadedBy.toString())
                .with("JAVA_TOOL_OPTIONS", "-Dfor.the=program")
                .with("JDK_JAVA_OPTIONS", "-Dfor.the=program")
                .run();

        assertThat(traced.status()).as(traced.toString()).isZero();
        assertThat(traced.err()).as("Picked up JAVA_TOOL_OPTIONS").isEmpty();
        assertThat(Files.readAllLines(loadedBy))
                .contains(Specimens.specimen().toString())
                .noneMatch(program -> program.endsWith("/java") || program.endsWith("/jspawnhelper"));
    }

    /** Who waits for the end of a pipe must see it when the program closes its end, and not when we end. */
    @Test
    void theTracerKeepsNoCopyOfTheProgramsDescriptors(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path file = lab.file("seven", "7");

        RunningProgram traced = lab.tracer("--strict", "--launch=child")
                .of(Specimens.specimen(), "hold")
                .after("sh", "-c", "exec 7<'" + file + "'; exec \"$@\"", "sh")
                .start()
                .awaitLine("ready");

        assertThat(descriptor(traced.program(), 7)).contains(file);
        traced.awaitThat(
                "the tracer without the program's descriptors",
                () -> descriptor(traced.process(), 7).isEmpty()
                        && Stream.of(0, 1, 2)
                                .allMatch(number -> descriptor(traced.process(), number)
                                        .equals(Optional.of(Path.of("/dev/null")))));
        assertThat(traced.finish().status()).isZero();
    }

    private static Optional<Path> descriptor(LiveProcess process, int number) {
        try {
            return Optional.of(Files.readSymbolicLink(process.file("fd/" + number)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A limit that nobody may widen, under which no JVM starts. */
    @Test
    void whereNoJvmStartsTheProgramRunsPlainWithAReason(Lab lab) {
        Object[] limited = {
            "setpriv",
            "--bounding-set=-sys_resource",
            "--inh-caps=-sys_resource",
            "sh",
            "-c",
            "ulimit -v 1000000; exec \"$@\"",
            "sh"
        };

        Outcome traced = lab.traced(Specimens.specimen(), "check", "exit", "7")
                .after(limited)
                .run();
        Outcome strict = lab.tracer("--strict")
                .of(Specimens.specimen(), "check", "exit", "7")
                .after(limited)
                .run();

        assertThat(traced.status()).as(traced.toString()).isEqualTo(7);
        assertThat(traced.out()).contains("text as in the file");
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .contains("ulimit -Hv 1000000", "raise it: ulimit -Hv 4194304", "runs without 2 MB pages");
        assertThat(strict.status()).isEqualTo(125);
        assertThat(strict.out()).isEmpty();
    }

    /** Several programs that are started from one and the same state. */
    private static final class Starts {
        private final Lab lab;
        private final Caller caller;
        private final Path dump;
        private final List<Object> words = new ArrayList<>();
        private String err = "";

        Starts(Lab lab, Caller caller) throws IOException {
            this.lab = lab;
            this.caller = caller;
            this.dump = Files.createTempFile(
                    lab.directory(),
                    "dump",
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            if (!dump.toFile().setWritable(true, false) || !dump.toFile().setReadable(true, false)) {
                throw new IOException(dump + " cannot be opened to others");
            }
            lab.file("file", "content");
            words.add(Specimens.start());
            words.add(dump);
            for (String setting : caller.settings) {
                String known = setting.replace(DIRECTORY, lab.directory().toString());
                Arrays.stream(known.split(" ", -1))
                        .map(word -> word.equals("''") ? "" : word)
                        .forEach(words::add);
            }
        }

        void add(Command command) {
            words.add("::");
            words.addAll(command.after(caller.prefix().toArray()).before(dump).words());
        }

        List<World> run() throws IOException {
            Command start = lab.plain(words.toArray());
            Outcome outcome = (caller == Caller.ANOTHER_USER ? start.as(User.NOBODY) : start).run();
            err = outcome.err();
            assertThat(outcome.status()).as(outcome.toString()).isZero();
            return World.allIn(Files.readString(dump, StandardCharsets.UTF_8));
        }

        String err() {
            return err;
        }
    }
}
