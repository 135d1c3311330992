package org.tiexec.tracer.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.tracer.launch.FollowMode;
import org.tiexec.tracer.launch.Following;
import org.tiexec.tracer.launch.LaunchOptions;
import org.tiexec.tracer.program.Glob;

/**
 * What stands on the command line of {@code tracer run}.
 *
 * @param options the options before {@code --}
 * @param programArguments how many arguments follow {@code --}, the program's name first; at least one
 */
record RunArguments(LaunchOptions options, int programArguments) {
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
        boolean strict = false;
        boolean verbose = false;
        boolean dryRun = false;
        Optional<Path> archive = Optional.empty();
        Duration timeout = DEFAULT_TIMEOUT;
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
                if (equals < 0 ? isLast : equals + 1 == argument.length()) {
                    throw new UsageException(name + " needs a value: " + name + "="
                            + option.text().parameter() + SEE);
                }
                value = equals < 0 ? args[++at] : argument.substring(equals + 1);
            } else if (equals >= 0) {
                throw new UsageException(name + " takes no value: write " + name + SEE);
            }
            switch (option) {
                case BACKING -> backing = known(option, value, BackingChoice.named(value));
                case METHOD -> method = known(option, value, MethodChoice.named(value));
                case LAUNCH -> known(option, value, LaunchChoice.named(value));
                case STRICT -> strict = true;
                case VERBOSE -> verbose = true;
                case DRY_RUN -> dryRun = true;
                case TIMEOUT -> timeout = seconds(option.text(), value);
                case FOLLOW -> follow = known(option, value, FollowChoice.named(value));
                case ONLY -> only.add(new Glob(value));
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
        if (!only.isEmpty() && follow != FollowMode.TREE) {
            throw new UsageException("--only is about a tree of processes: add --follow=tree" + SEE);
        }
        Settings settings = new Settings(Settings.DEFAULT.strategy(), backing, method);
        return new RunArguments(
                new LaunchOptions(
                        settings, strict, verbose, archive, dryRun, timeout, new Following(follow, only, followFor)),
                args.length - at - 1);
    }

    private static <T> T known(RunOption option, String value, Optional<T> parsed) throws UsageException {
        if (parsed.isEmpty()) {
            throw new UsageException(option.text().longName() + "=" + value + ": not one of "
                    + option.text().parameter() + SEE);
        }
        return parsed.get();
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
