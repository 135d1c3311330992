package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/**
 * Launches of all kinds, while signals arrive, pages come and go, and processes are killed: no program is harmed, nothing
 * is left.
 *
 * <p>Each launch follows from the seed and its number. The variables TIEXEC_SOAK_SEED and TIEXEC_SOAK_LAUNCHES repeat an
 * earlier run and set its length, TIEXEC_SOAK_FIRST goes on where another run ended; without them it is 10,000 launches
 * with {@code mvn verify -Psoak}, else 40.
 */
@InLab
final class LaunchSoakIT {
    private static final int AT_ONCE = 2;
    private static final int BATCH = 10;
    private static final int POOL = 48;
    private static final int LONGEST_DELAY_MILLIS = 700;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SIGKILL = 9;

    /** A stub that nobody has seized, because the tracer was killed just then, ends by itself after half a minute. */
    private static final Duration STUB_LIFE = Duration.ofSeconds(40);

    private static final Pattern HELPER = Pattern.compile("-Dtiexec\\.helper=(\\d+):");
    private static final Pattern NODE_LISTENS = Pattern.compile("Debugger listening on |For help, see: ");
    private static final String INPUT = "a line of input\n".repeat(1000);

    /** What is launched. */
    enum Program {
        STATIC(true),
        STATIC_PIE(true),
        NON_PIE(true),
        PIE(true),
        WAITING_FOR_INPUT(true),
        WITH_CHILDREN_AND_THREADS(true),
        ENDING_BY_A_SIGNAL(true),
        PROMETHEUS(true),
        NODE(false),
        TRUE(false),
        SCRIPT(false);

        private final boolean large;

        Program(boolean large) {
            this.large = large;
        }

        private Object[] words(Path script) {
            return switch (this) {
                case STATIC -> specimen(Specimens.Linkage.STATIC, "mask", "check", "exit", "3");
                case STATIC_PIE -> specimen(Specimens.Linkage.STATIC_PIE, "mask", "check", "exit", "4");
                case NON_PIE -> specimen(Specimens.Linkage.NON_PIE, "mask", "check", "exit", "5");
                case PIE -> specimen(Specimens.Linkage.PIE, "mask", "check", "exit", "6");
                case WAITING_FOR_INPUT -> specimen(Specimens.Linkage.PIE, "check", "hold", "check", "exit", "7");
                case WITH_CHILDREN_AND_THREADS ->
                    specimen(Specimens.Linkage.NON_PIE, "threads", "3", "fork", "3", "exit", "8");
                case ENDING_BY_A_SIGNAL -> specimen(Specimens.Linkage.PIE, "check", "raise", "15");
                case PROMETHEUS -> new Object[] {"prometheus", "--version"};
                case NODE -> new Object[] {"node", "-e", "console.log(6 * 7); process.exitCode = 9"};
                case TRUE -> new Object[] {"true"};
                case SCRIPT -> new Object[] {script};
            };
        }

        private static Object[] specimen(Specimens.Linkage linkage, String... arguments) {
            return Stream.concat(Stream.of(Specimens.specimen(linkage)), Stream.of(arguments))
                    .toArray();
        }
    }

    /** What happens meanwhile. */
    enum Event {
        NOTHING,
        SIGNAL_THAT_IS_IGNORED,
        SIGNAL_THAT_ENDS,
        HELPER_KILLED,
        TRACER_KILLED,
        PROGRAM_KILLED
    }

    /** What became of a launch. */
    enum Verdict {
        AS_PLAIN,
        ENDED_BY_THE_EVENT,
        REFUSED,
        HARMED
    }

    /** What is done in one launch. */
    private record Launch(int number, Program program, List<String> options, Event event, int signal, long delayNanos) {
        static Launch of(long seed, int number, Path archive) {
            Random random = new Random(seed * 31 + number);
            random.nextInt();
            Program program = any(random, List.of(Program.values()));
            List<String> options = new ArrayList<>();
            pick(random, List.of("", "", "--backing=auto", "--backing=hugetlb", "--backing=thp"), options);
            pick(random, List.of("", "", "--method=staged-swap", "--method=in-place"), options);
            pick(random, List.of("", "", "--launch=child"), options);
            pick(random, List.of("", "", "", "--strict"), options);
            pick(random, List.of("", "", "", "--archive=" + archive), options);
            pick(random, List.of("", "", "", "", "", "", "", "--timeout=0.05"), options);
            Event event = any(random, List.of(Event.values()));
            int signal = switch (event) {
                case SIGNAL_THAT_IS_IGNORED -> any(random, List.of(28, 17, 18));
                case SIGNAL_THAT_ENDS -> any(random, List.of(1, 2, 10, 12, 14, 15));
                default -> SIGKILL;
            };
            long delay = random.nextInt(LONGEST_DELAY_MILLIS * 1000) * 1000L;
            return new Launch(number, program, options, event, signal, delay);
        }

        private static void pick(Random random, List<String> choices, List<String> options) {
            String choice = any(random, choices);
            if (!choice.isEmpty()) {
                options.add(choice);
            }
        }

        private static <T> T any(Random random, List<T> choices) {
            return choices.get(random.nextInt(choices.size()));
        }

        /** What SIGUSR1 is to node. */
        boolean makesNodeListen() {
            return program == Program.NODE && signal == 10;
        }

        boolean isChild() {
            return options.contains("--launch=child");
        }

        boolean isStrict() {
            return options.contains("--strict");
        }

        @Override
        public String toString() {
            return number + ": " + program + " " + options + ", " + event + " " + signal + " after "
                    + delayNanos / 1_000_000 + " ms";
        }
    }

    /** A launch that has come to its end, so far as its tracer is concerned. */
    private record Ended(Launch launch, RunningProgram running, Outcome outcome, boolean eventTookPlace) {}

    @Test
    void noLaunchHarmsItsProgramOrLeavesAnythingBehind(Lab lab) throws Exception {
        long seed = Optional.ofNullable(System.getenv("TIEXEC_SOAK_SEED"))
                .map(Long::valueOf)
                .orElseGet(System::nanoTime);
        int first = number("TIEXEC_SOAK_FIRST", 0);
        int launches = number("TIEXEC_SOAK_LAUNCHES", Boolean.getBoolean("tiexec.soak") ? 10_000 : 40);
        System.out.println("soak: " + launches + " launches from " + first + ", TIEXEC_SOAK_SEED=" + seed);
        Tally tally = new Tally();
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try (Surroundings surroundings = new Surroundings(lab)) {
            for (int from = first; from < first + launches; from += BATCH) {
                List<Launch> batch = new ArrayList<>();
                for (int number = from; number < Math.min(from + BATCH, first + launches); number++) {
                    batch.add(Launch.of(seed, number, surroundings.archive));
                }
                // every second batch in bad weather: somebody changes the pool all the time
                List<Ended> ended = surroundings.run(batch, from / BATCH % 2 == 1, threads);
                List<String> leaks = surroundings.leaks();
                tally.leak(leaks, batch);
                ended.forEach(launch -> tally.count(launch, surroundings.plain(launch.launch.program)));
            }
        } finally {
            threads.shutdownNow();
        }

        System.out.println(tally);
        assertThat(tally.complaints).as("TIEXEC_SOAK_SEED=" + seed).isEmpty();
        assertThat(tally.silentlySwapped)
                .as("launches of large programs without a complaint")
                .isGreaterThan(launches / 10);
    }

    private static int number(String variable, int otherwise) {
        return Optional.ofNullable(System.getenv(variable))
                .map(Integer::valueOf)
                .orElse(otherwise);
    }

    /** The machine around the launches, with what it looks like while nothing is launched. */
    private static final class Surroundings implements AutoCloseable {
        private final Lab lab;
        private final Path archive;
        private final Path script;
        private final Map<Program, Outcome> plain = new EnumMap<>(Program.class);
        private final LiveProcess self = new LiveProcess(ProcessHandle.current().pid());
        private final long usedBefore;
        private final long descriptorsBefore;
        private final List<String> temporaryBefore;

        Surroundings(Lab lab) throws IOException {
            this.lab = lab;
            this.archive = Files.createDirectory(
                    lab.directory().resolve("archive"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            this.script = lab.script("script", """
                    #!/bin/sh
                    grep -e SigBlk -e SigIgn -e Seccomp: -e Threads /proc/self/status
                    for fd in /proc/self/fd/*; do echo "$fd" | grep -v '/1[0-9]$'; done
                    pwd; umask; ulimit -a; wc -c
                    exit 6
                    """);
            lab.pool().provide(POOL);
            for (Program program : Program.values()) {
                RunningProgram running = lab.plain(program.words(script)).start();
                running.say(INPUT);
                plain.put(program, running.finish());
            }
            this.usedBefore = lab.pool().used();
            this.descriptorsBefore = descriptors();
            this.temporaryBefore = names(Path.of("/tmp"));
        }

        Outcome plain(Program program) {
            return Objects.requireNonNull(plain.get(program));
        }

        List<Ended> run(List<Launch> batch, boolean badWeather, ExecutorService threads) throws Exception {
            AtomicBoolean over = new AtomicBoolean();
            Thread weather =
                    new Thread(() -> changePool(over, new Random(batch.get(0).number())));
            if (badWeather) {
                weather.start();
            }
            List<Ended> ended = new ArrayList<>();
            try {
                for (Future<Ended> launch : threads.invokeAll(batch.stream()
                        .map(launch -> (java.util.concurrent.Callable<Ended>) () -> run(launch))
                        .toList())) {
                    ended.add(launch.get());
                }
            } finally {
                over.set(true);
                weather.join();
            }
            return ended;
        }

        private void changePool(AtomicBoolean over, Random random) {
            while (!over.get()) {
                lab.pool().resize(random.nextInt(POOL));
                LockSupport.parkNanos(random.nextInt(20_000_000));
            }
        }

        private Ended run(Launch launch) {
            Command command = lab.tracer(launch.options().toArray(String[]::new))
                    .of(launch.program().words(script));
            long start = System.nanoTime();
            RunningProgram running = command.start();
            running.say(INPUT);
            boolean tookPlace = launch.event() == Event.NOTHING || bringAbout(launch, running, start);
            try {
                return new Ended(launch, running, running.finish(PATIENCE), tookPlace);
            } catch (AssertionError e) {
                return new Ended(launch, running, new Outcome(-1, running.out(), "hangs: " + e), tookPlace);
            }
        }

        /** Whether there was still somebody to do it to. */
        private static boolean bringAbout(Launch launch, RunningProgram running, long start) {
            long due = start + launch.delayNanos();
            if (launch.event() == Event.PROGRAM_KILLED) {
                // a part of the delay, from when there is a program
                Optional<LiveProcess> program = awaitProgram(launch, running);
                LockSupport.parkNanos(launch.delayNanos() / 10);
                return program.isPresent() && send(SIGKILL, program.get());
            }
            while (System.nanoTime() < due && running.process().isAlive()) {
                LockSupport.parkNanos(Math.min(1_000_000, Math.max(1, due - System.nanoTime())));
            }
            if (launch.event() == Event.HELPER_KILLED) {
                Optional<LiveProcess> helper = helper(launch, running);
                return helper.isPresent() && send(SIGKILL, helper.get());
            }
            if (launch.event() == Event.TRACER_KILLED && !launch.isChild()) {
                Optional<LiveProcess> tracer = running.tracerNow();
                return tracer.isPresent() && send(SIGKILL, tracer.get());
            }
            return running.process().isAlive() && send(launch.signal(), running.process());
        }

        private static Optional<LiveProcess> awaitProgram(Launch launch, RunningProgram running) {
            String name = launch.program() == Program.PROMETHEUS ? "prometheus" : "specimen";
            while (launch.program().large && running.process().isAlive()) {
                // itself, should the tracer have become the program
                for (LiveProcess process : running.process().tree()) {
                    Optional<Path> executable = process.executable();
                    if (executable.isPresent()
                            && String.valueOf(executable.get().getFileName()).startsWith(name)) {
                        return Optional.of(process);
                    }
                }
            }
            return Optional.empty();
        }

        private static Optional<LiveProcess> helper(Launch launch, RunningProgram running) {
            if (launch.isChild()) {
                return running.process().tree().stream()
                        .filter(process -> process.commandLine().contains("tiexec-helper.jar"))
                        .filter(LiveProcess::isAlive)
                        .findFirst();
            }
            // an orphan, of which only the tracer knows
            return running.tracerNow()
                    .map(tracer -> HELPER.matcher(tracer.commandLine()))
                    .filter(Matcher::find)
                    .map(found -> new LiveProcess(Long.parseLong(found.group(1))))
                    .filter(LiveProcess::isAlive);
        }

        private static boolean send(int signal, LiveProcess process) {
            try {
                return new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid() + " 2>/dev/null")
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** What is there that was not there before; what is just ending is waited for. */
        List<String> leaks() {
            List<String> leaks = new ArrayList<>();
            lab.remaining(STUB_LIFE)
                    .forEach(process -> leaks.add("process " + process.pid() + ' ' + process.commandLine() + ' '
                            + process.status("State") + ' ' + process.status("PPid")));
            lab.pool().provide(POOL);
            if (lab.pool().used() > usedBefore) {
                leaks.add("2 MB pages: " + lab.pool().used() + " in use, before " + usedBefore);
            }
            names(lab.workingDirectory()).forEach(file -> leaks.add("file in the working directory: " + file));
            names(archive).stream().filter(file -> !file.endsWith(".json")).forEach(file -> leaks.add("file " + file));
            names(Path.of("/tmp")).stream()
                    .filter(file -> !temporaryBefore.contains(file))
                    .filter(LaunchSoakIT::mayBeOurs)
                    .forEach(file -> leaks.add("file /tmp/" + file));
            if (descriptors() > descriptorsBefore + 4) {
                leaks.add("descriptors of this JVM: " + descriptors() + ", before " + descriptorsBefore);
            }
            return leaks;
        }

        private long descriptors() {
            return names(self.file("fd")).size();
        }

        private static List<String> names(Path directory) {
            try (Stream<Path> files = Files.list(directory)) {
                return files.map(file -> String.valueOf(file.getFileName())).toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            try (Stream<Path> files = Files.list(archive)) {
                for (Path file : files.toList()) {
                    assertThat(Files.readString(file)).startsWith("{").endsWith("}\n");
                }
            }
        }
    }

    private static boolean mayBeOurs(String file) {
        return Stream.of("jffi", "jnr", "tiexec", "hs_err", ".java_pid", "hsperf", "script", "sh-")
                .anyMatch(file::startsWith);
    }

    /** What became of all. */
    private static final class Tally {
        private final Map<Program, Map<String, Integer>> table = new EnumMap<>(Program.class);
        private final Map<String, Integer> reasons = new TreeMap<>();
        private final List<String> complaints = new ArrayList<>();
        private int silentlySwapped;
        private int leaks;

        void leak(List<String> found, List<Launch> batch) {
            leaks += found.size();
            if (!found.isEmpty()) {
                complaints.add("left behind: " + found + " by one of " + batch);
            }
        }

        void count(Ended ended, Outcome plain) {
            // an orphan may have gone on after the tracer's end
            Outcome outcome = ended.outcome().status() < 0
                    ? ended.outcome()
                    : new Outcome(
                            ended.outcome().status(),
                            ended.running().out(),
                            ended.running().err());
            List<String> ours = outcome.errLines().stream()
                    .filter(line -> line.startsWith("tracer: "))
                    .toList();
            Verdict verdict = verdict(ended, outcome, ours, plain);
            String event = ended.launch().event() + (ended.eventTookPlace() ? "" : " (too late)");
            table.computeIfAbsent(ended.launch().program(), program -> new TreeMap<>())
                    .merge(verdict.toString(), 1, Integer::sum);
            reasons.merge("event " + event + ": " + verdict, 1, Integer::sum);
            ours.forEach(line -> reasons.merge(withoutNumbers(line), 1, Integer::sum));
            silentlySwapped += verdict == Verdict.AS_PLAIN
                            && ours.isEmpty()
                            && ended.launch().program().large
                    ? 1
                    : 0;
            System.out.println("soak-launch " + ended.launch().program() + "\t" + event + "\t" + verdict);
            if (verdict == Verdict.HARMED) {
                complaints.add(ended.launch() + "\n  " + outcome + "\n  plain: " + plain);
            }
        }

        private static String withoutNumbers(String line) {
            return "said: "
                    + line.replaceAll("^tracer: [^:]*: ", "")
                            .replaceAll("0x[0-9a-f]+", "0x…")
                            .replaceAll("\\d+", "N");
        }

        private static Verdict verdict(Ended ended, Outcome outcome, List<String> ours, Outcome plain) {
            Launch launch = ended.launch();
            String othersErr = String.join(
                    "\n",
                    outcome.errLines().stream()
                            .filter(line -> !line.startsWith("tracer: "))
                            .filter(line -> !launch.makesNodeListen()
                                    || !NODE_LISTENS.matcher(line).lookingAt())
                            .toList());
            boolean sameEnd = outcome.status() == plain.status()
                    && outcome.out().equals(plain.out())
                    && othersErr.equals(plain.err().stripTrailing());
            if (sameEnd && ours.size() <= 1) {
                return Verdict.AS_PLAIN;
            }
            if (launch.isStrict()
                    // it may be killed when it has just been given up for another reason
                    && (launch.event() != Event.PROGRAM_KILLED
                            || ours.toString().contains("no answer within"))
                    && outcome.status() == 125
                    && outcome.out().isEmpty()
                    && ours.size() == 1
                    && ours.get(0).endsWith("; the program was not run")
                    && !ours.get(0).contains("half-changed")
                    && !ours.get(0).contains("unexpected")) {
                return Verdict.REFUSED;
            }
            boolean mayEnd = launch.event() == Event.SIGNAL_THAT_ENDS
                    || launch.event() == Event.TRACER_KILLED
                    || launch.event() == Event.PROGRAM_KILLED;
            // a program that the tracer has let go runs to its end; before that it has said nothing
            boolean runsOn = launch.event() == Event.TRACER_KILLED && launch.program().large;
            boolean nothingOrAll = outcome.out().isEmpty() || outcome.out().equals(plain.out());
            boolean saidRight = runsOn ? nothingOrAll : plain.out().startsWith(outcome.out());
            boolean endedByEvent = ended.eventTookPlace()
                    && mayEnd
                    && outcome.status() == 128 + launch.signal()
                    && saidRight
                    && ours.size() <= 1;
            return endedByEvent ? Verdict.ENDED_BY_THE_EVENT : Verdict.HARMED;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("soak: leaks " + leaks + ", harmed " + complaints.size() + "\n");
            table.forEach((program, verdicts) -> text.append("  ")
                    .append(program)
                    .append(' ')
                    .append(verdicts)
                    .append('\n'));
            reasons.forEach((reason, count) ->
                    text.append("  ").append(count).append(" × ").append(reason).append('\n'));
            return text.toString();
        }
    }
}
