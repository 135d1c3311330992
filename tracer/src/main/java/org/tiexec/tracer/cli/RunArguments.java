package org.tiexec.tracer.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.launch.FollowMode;
import org.tiexec.tracer.launch.Following;
import org.tiexec.tracer.launch.LaunchOptions;
import org.tiexec.tracer.program.Glob;

/**
 * What stands on the command line of {@code tracer run}.
 *
 * @param options the options before {@code --}
 * @param user whom the program is to run as, if not as whoever started us
 * @param programArguments how many arguments follow {@code --}, the program's name first; at least one
 */
record RunArguments(LaunchOptions options, Optional<OtherUser> user, int programArguments) {
    /** How long the helper may take for each answer unless something else is said. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String SEE = " (see: tracer run --help)";
    private static final String FORM = "usage: tracer run [options] -- program [arguments]" + SEE;

    /**
     * Parses the arguments after {@code run}.
     *
     * @throws UsageException if an option is unknown or wrong, or {@code --} or the program is missing
     */
    static RunArguments parse(String[] args) throws UsageException {
        BackingChoice backing = Settings.DEFAULT.backing();
        MethodChoice method = Settings.DEFAULT.method();
        Targets targets = Settings.DEFAULT.targets();
        List<NamePattern> libraries = new ArrayList<>();
        Optional<Integer> maxPages = Optional.empty();
        Optional<Duration> dlopen = Optional.empty();
        StrategyName strategy = Settings.DEFAULT.strategy();
        boolean strict = false;
        boolean verbose = false;
        boolean dryRun = false;
        Optional<Path> archive = Optional.empty();
        Duration timeout = DEFAULT_TIMEOUT;
        Optional<String> user = Optional.empty();
        Optional<String> groups = Optional.empty();
        FollowMode follow = Following.DEFAULT.mode();
        List<Glob> only = new ArrayList<>();
        Optional<Duration> followFor = Optional.empty();
        int at = 0;
        while (at < args.length && !args[at].equals("--")) {
            String argument = args[at];
            if (!argument.startsWith("-") || argument.equals("-")) {
                throw new UsageException("-- is missing before '" + argument + "': " + withDashes(args, at) + SEE);
            }
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Optional<RunOption> known = RunOption.named(name);
            if (known.isEmpty()) {
                throw new UsageException("unknown option '" + name + "'; " + FORM);
            }
            RunOption option = known.get();
            String value = "";
            if (option.text().takesValue()) {
                boolean isLast = at + 1 == args.length || args[at + 1].equals("--");
                if (equals < 0 ? isLast : equals + 1 == argument.length() && !option.mayBeEmpty()) {
                    throw new UsageException(name + " needs a value: " + name + "="
                            + option.text().parameter() + SEE);
                }
                value = equals < 0 ? args[++at] : argument.substring(equals + 1);
            } else if (equals >= 0) {
                throw new UsageException(name + " takes no value: write " + name + SEE);
            }
            switch (option) {
                case BACKING -> backing = known(option, value, BackingChoice.named(value));
                case STRATEGY -> strategy = known(option, value, StrategyName.named(value));
                case METHOD -> method = known(option, value, MethodChoice.named(value));
                case TARGETS -> targets = known(option, value, Targets.named(inOrder(value)));
                case LIB -> libraries.add(pattern(value));
                case MAX_PAGES -> maxPages = Optional.of(pages(value));
                case DLOPEN -> dlopen = Optional.of(seconds(option.text(), value));
                case LAUNCH -> known(option, value, LaunchChoice.named(value));
                case STRICT -> strict = true;
                case VERBOSE -> verbose = true;
                case DRY_RUN -> dryRun = true;
                case USER -> user = Optional.of(value);
                case GROUPS -> groups = Optional.of(value);
                case TIMEOUT -> timeout = seconds(option.text(), value);
                case FOLLOW -> follow = known(option, value, FollowChoice.named(value));
                case ONLY -> only.add(glob(value));
                case FOLLOW_FOR -> followFor = Optional.of(seconds(option.text(), value));
                case ARCHIVE -> archive = Optional.of(directory(value));
            }
            at++;
        }
        if (at == args.length) {
            throw new UsageException("-- and the program are missing; " + FORM);
        }
        if (at + 1 == args.length) {
            throw new UsageException("no program after --; " + FORM);
        }
        if (groups.isPresent() && user.isEmpty()) {
            throw new UsageException("--groups goes with --user: --user=NAME --groups=GROUP,GROUP" + SEE);
        }
        if (!only.isEmpty() && follow != FollowMode.TREE) {
            throw new UsageException("--only is about a tree of processes: add --follow=tree" + SEE);
        }
        if (dlopen.isPresent() && follow == FollowMode.TREE) {
            throw new UsageException("--dlopen watches one program: it does not go with --follow=tree" + SEE);
        }
        if (!libraries.isEmpty() && !targets.includeLibraries()) {
            targets = Targets.ALL;
        }
        Settings settings =
                new Settings(Purpose.LAUNCH, targets, strategy, backing, method, selection(libraries, maxPages));
        Following following = new Following(follow, only, followFor);
        return new RunArguments(
                new LaunchOptions(settings, strict, verbose, archive, dryRun, timeout, dlopen, following),
                user.isPresent() ? Optional.of(new OtherUser(user.get(), groups)) : Optional.empty(),
                args.length - at - 1);
    }

    /**
     * The same with the settings of the environment, which count less. Should both together be wrong, only the arguments count.
     *
     * @throws UsageException if the arguments are wrong
     */
    static RunArguments parse(String[] args, SettingsVariable settings) throws UsageException {
        RunArguments without = parse(args);
        try {
            return parse(settings.before(args));
        } catch (UsageException e) {
            settings.drop(e);
            return without;
        }
    }

    private static <T> T known(RunOption option, String value, Optional<T> parsed) throws UsageException {
        if (parsed.isEmpty()) {
            throw new UsageException(option.text().longName() + "=" + value + ": not one of "
                    + option.text().parameter() + SEE);
        }
        return parsed.get();
    }

    static String inOrder(String targets) {
        return targets.equals("libs,exe") ? "exe,libs" : targets;
    }

    static NamePattern pattern(String value) throws UsageException {
        try {
            if (value.indexOf('/') < 0) {
                return new NamePattern(value);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("--lib=" + value + ": " + e.getMessage());
        }
        throw new UsageException("--lib=" + value + ": it is for file names, such as libLLVM*, not for paths");
    }

    private static Glob glob(String value) throws UsageException {
        try {
            return new Glob(new NamePattern(value));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--only=" + value + ": " + e.getMessage());
        }
    }

    static int pages(String value) throws UsageException {
        try {
            int pages = Integer.parseInt(value);
            if (pages > 0) {
                return pages;
            }
        } catch (NumberFormatException e) {
            throw new UsageException("--max-pages=" + value + ": not a number of 2 MB pages, such as 64");
        }
        throw new UsageException("--max-pages=" + value + ": at least 1");
    }

    static Selection selection(List<NamePattern> libraries, Optional<Integer> maxPages) throws UsageException {
        if (libraries.size() > Selection.MAX_PATTERNS) {
            throw new UsageException("--lib is given more than " + Selection.MAX_PATTERNS + " times");
        }
        return new Selection(libraries, maxPages);
    }

    static Duration seconds(OptionText option, String value) throws UsageException {
        try {
            double seconds = Double.parseDouble(value);
            if (seconds > 0 && seconds <= MAX_TIMEOUT.toSeconds()) {
                return Duration.ofNanos((long) (seconds * NANOS_PER_SECOND));
            }
        } catch (NumberFormatException e) {
            throw new UsageException(option.longName() + "=" + value + ": not a number of seconds, such as 10 or 0.5");
        }
        throw new UsageException(
                option.longName() + "=" + value + ": not between 0 and " + MAX_TIMEOUT.toSeconds() + " seconds");
    }

    static Path directory(String value) throws UsageException {
        Path directory = Path.of(value).toAbsolutePath();
        if (!value.isEmpty() && Files.isDirectory(directory)) {
            return directory;
        }
        String problem = Files.exists(directory) ? "is no directory; name one, or make one" : "no such directory";
        throw new UsageException("--archive=" + value + ": " + problem + " (mkdir -m 700 DIR)");
    }

    /** The command line as it was probably meant. */
    private static String withDashes(String[] args, int program) {
        StringBuilder line = new StringBuilder("tracer run");
        for (int i = 0; i < args.length; i++) {
            line.append(i == program ? " -- " : " ").append(args[i]);
        }
        return line.toString();
    }
}
