package org.tiexec.tracer.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.attach.AttachOptions;

/** What stands on the command line of {@code tracer attach}. */
final class AttachArguments {
    private static final String SEE = " (see: tracer attach --help)";
    private static final String FORM = "usage: tracer attach [options] PID" + SEE;

    private final Map<AttachOption, String> options = new EnumMap<>(AttachOption.class);
    private final List<String> words = new ArrayList<>();
    private final List<NamePattern> libraries = new ArrayList<>();

    private AttachArguments() {}

    /**
     * Parses the arguments after {@code attach}.
     *
     * @throws UsageException if an option is unknown or wrong, or what remains is not one process id
     */
    static AttachOptions parse(String[] args) throws UsageException {
        AttachArguments arguments = new AttachArguments();
        int at = 0;
        while (at < args.length) {
            at = arguments.take(args, at);
        }
        return arguments.options();
    }

    /**
     * The same with the settings of the environment, which count less. Should both together be wrong, only the arguments count.
     *
     * @throws UsageException if the arguments are wrong
     */
    static AttachOptions parse(String[] args, SettingsVariable settings) throws UsageException {
        AttachOptions without = parse(args);
        try {
            return parse(settings.before(args));
        } catch (UsageException e) {
            settings.drop(e);
            return without;
        }
    }

    /** Takes one option with its value, or one word; the position behind it. */
    private int take(String[] args, int at) throws UsageException {
        String argument = args[at];
        if (!argument.startsWith("-") || argument.equals("-")) {
            words.add(argument);
            return at + 1;
        }
        int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
        String name = equals < 0 ? argument : argument.substring(0, equals);
        AttachOption option = AttachOption.named(name)
                .orElseThrow(() -> new UsageException("unknown option '" + name + "'; " + FORM));
        if (!option.text().takesValue()) {
            if (equals >= 0) {
                throw new UsageException(name + " takes no value: write " + name + SEE);
            }
            options.put(option, "");
            return at + 1;
        }
        if (equals < 0 ? at + 1 == args.length : equals + 1 == argument.length()) {
            throw new UsageException(
                    name + " needs a value: " + name + "=" + option.text().parameter() + SEE);
        }
        String value = equals < 0 ? args[at + 1] : argument.substring(equals + 1);
        options.put(option, value);
        if (option == AttachOption.LIB) {
            libraries.add(RunArguments.pattern(value));
        }
        return equals < 0 ? at + 2 : at + 1;
    }

    private AttachOptions options() throws UsageException {
        return new AttachOptions(
                pid(),
                has(AttachOption.UNDO) ? undo() : attach(),
                has(AttachOption.STOP_ALL),
                has(AttachOption.STRICT),
                has(AttachOption.VERBOSE),
                has(AttachOption.ARCHIVE)
                        ? Optional.of(RunArguments.directory(value(AttachOption.ARCHIVE)))
                        : Optional.empty(),
                has(AttachOption.DRY_RUN),
                has(AttachOption.TIMEOUT)
                        ? RunArguments.seconds(AttachOption.TIMEOUT.text(), value(AttachOption.TIMEOUT))
                        : RunArguments.DEFAULT_TIMEOUT);
    }

    private int pid() throws UsageException {
        if (words.isEmpty()) {
            throw new UsageException("no process id; " + FORM);
        }
        if (words.size() > 1) {
            throw new UsageException("one process at a time, not " + String.join(" ", words) + "; " + FORM);
        }
        try {
            int pid = Integer.parseInt(words.get(0));
            if (pid > 0) {
                return pid;
            }
        } catch (NumberFormatException e) {
            throw new UsageException("'" + words.get(0) + "' is no process id (see: pgrep); " + FORM);
        }
        throw new UsageException("'" + words.get(0) + "' is no process id (see: pgrep); " + FORM);
    }

    /** An undo is of all that is there, whatever pages it is on. */
    private Settings undo() throws UsageException {
        for (AttachOption option : List.of(
                AttachOption.TARGETS,
                AttachOption.LIB,
                AttachOption.MAX_PAGES,
                AttachOption.BACKING,
                AttachOption.STRATEGY)) {
            if (has(option)) {
                throw new UsageException(
                        option.text().longName() + " is not for --undo, which takes back everything" + SEE);
            }
        }
        return Settings.undo();
    }

    private Settings attach() throws UsageException {
        Targets targets = has(AttachOption.TARGETS)
                ? known(AttachOption.TARGETS, Targets.named(RunArguments.inOrder(value(AttachOption.TARGETS))))
                : Targets.ALL;
        Settings all = Settings.attach(
                has(AttachOption.LIB) && !targets.includeLibraries() ? Targets.ALL : targets,
                has(AttachOption.STRATEGY)
                        ? known(AttachOption.STRATEGY, StrategyName.named(value(AttachOption.STRATEGY)))
                        : Settings.DEFAULT.strategy(),
                has(AttachOption.BACKING)
                        ? known(AttachOption.BACKING, BackingChoice.named(value(AttachOption.BACKING)))
                        : Settings.DEFAULT.backing());
        Optional<Integer> maxPages = has(AttachOption.MAX_PAGES)
                ? Optional.of(RunArguments.pages(value(AttachOption.MAX_PAGES)))
                : Optional.empty();
        return all.withSelection(RunArguments.selection(libraries, maxPages));
    }

    private <T> T known(AttachOption option, Optional<T> parsed) throws UsageException {
        return parsed.orElseThrow(() -> new UsageException(option.text().longName() + "=" + value(option)
                + ": not one of " + option.text().parameter() + SEE));
    }

    private boolean has(AttachOption option) {
        return options.containsKey(option);
    }

    private String value(AttachOption option) {
        return options.getOrDefault(option, "");
    }
}
