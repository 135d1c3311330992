package org.tiexec.tracer.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.Printable;

/**
 * What the variable {@code TIEXEC} says: {@code option=value,option=value}, each an option of less weight than the command
 * line's.
 *
 * <p>A word that is no option and has no {@code =} belongs to the value before it, comma included:
 * {@code targets=exe,libs,backing=thp}. {@code off} is for the launcher, which then starts nobody.
 */
final class SettingsVariable {
    private static final String OFF = "off";
    private static final String LOG = "log";
    private static final String LOG_EVERYTHING = "debug";
    private static final String DASHES = "--";

    private final List<String> arguments = new ArrayList<>();
    private final List<String> objections = new ArrayList<>();
    private boolean logsProtocol;

    private SettingsVariable() {}

    /** The options that a command has. */
    interface Vocabulary {
        /**
         * Looks an option up.
         *
         * @param longName with two dashes
         */
        Optional<OptionText> option(String longName);

        /** Whether only the command line may say it. */
        boolean isOnlyForCommandLine(String longName);

        /** Whether it is an option, but of another command. */
        boolean isElsewhere(String longName);

        /**
         * Tries one option.
         *
         * @param argument in one word
         * @throws UsageException if its value is wrong
         */
        void check(String argument) throws UsageException;
    }

    /** Reads the variable's value. */
    static SettingsVariable read(String text, Vocabulary vocabulary) {
        SettingsVariable settings = new SettingsVariable();
        for (String setting : settings(text, vocabulary)) {
            settings.take(setting, vocabulary);
        }
        return settings;
    }

    private static List<String> settings(String text, Vocabulary vocabulary) {
        List<String> settings = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            int last = settings.size() - 1;
            boolean belongsToValue = last >= 0
                    && word.indexOf('=') < 0
                    && settings.get(last).indexOf('=') >= 0
                    && !word.isEmpty()
                    && !word.equals(OFF)
                    && !isOption(word, vocabulary);
            if (belongsToValue) {
                settings.set(last, settings.get(last) + "," + word);
            } else if (!word.isEmpty() && !word.equals(OFF)) {
                settings.add(word);
            }
        }
        return settings;
    }

    private static boolean isOption(String word, Vocabulary vocabulary) {
        return vocabulary.option(DASHES + word).isPresent() || vocabulary.isElsewhere(DASHES + word);
    }

    private void take(String setting, Vocabulary vocabulary) {
        int equals = setting.indexOf('=');
        String key = equals < 0 ? setting : setting.substring(0, equals);
        String longName = DASHES + key;
        if (key.equals(LOG)) {
            logsProtocol = setting.equals(LOG + "=" + LOG_EVERYTHING);
            if (!logsProtocol) {
                objections.add("'" + setting + "' is not " + LOG + "=" + LOG_EVERYTHING);
            }
        } else if (vocabulary.isOnlyForCommandLine(longName)) {
            objections.add(longName + " can only be given on the command line");
        } else if (vocabulary.option(longName).isPresent()) {
            takeOption(DASHES + setting, vocabulary);
        } else if (!vocabulary.isElsewhere(longName)) {
            objections.add("there is no option '" + key + "'");
        }
    }

    private void takeOption(String argument, Vocabulary vocabulary) {
        boolean hasValue = argument.indexOf('=') >= 0;
        int end = hasValue ? argument.indexOf('=') : argument.length();
        if (vocabulary.option(argument.substring(0, end)).orElseThrow().takesValue() && !hasValue) {
            objections.add(argument + " needs a value");
            return;
        }
        try {
            vocabulary.check(argument);
            arguments.add(argument);
        } catch (UsageException e) {
            objections.add(String.valueOf(e.getMessage()));
        }
    }

    /** The settings as words of a command line, followed by that. */
    String[] before(String[] commandLine) {
        String[] all = new String[arguments.size() + commandLine.length];
        for (int i = 0; i < arguments.size(); i++) {
            all[i] = arguments.get(i);
        }
        System.arraycopy(commandLine, 0, all, arguments.size(), commandLine.length);
        return all;
    }

    /** None of them is to count, because together with the command line they are wrong. */
    void drop(UsageException reason) {
        arguments.clear();
        objections.add(String.valueOf(reason.getMessage()));
    }

    /** Whether what tracer and helper say to each other is to be shown. */
    boolean logsProtocol() {
        return logsProtocol;
    }

    /** One line about all that is left out. */
    Optional<String> warning() {
        return objections.isEmpty()
                ? Optional.empty()
                : Optional.of("left out of TIEXEC: " + Printable.of(String.join("; ", objections)));
    }
}
