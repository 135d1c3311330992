package org.tiexec.tracer.cli;

import java.util.Optional;

/** The options of {@code tracer attach}: one list for the parser and for the help. */
enum AttachOption {
    TARGETS(
            "--targets",
            "",
            "exe|libs|exe,libs",
            "whose code: the program's own (exe), that of its libraries (libs), or both (exe,libs, the default)"),
    LIB("--lib", "", "GLOB", "of libraries only those with such a file name, as in --lib='libLLVM*'; may be repeated"),
    MAX_PAGES(OptionText.MAX_PAGES),
    BACKING(OptionText.BACKING),
    STRATEGY(OptionText.STRATEGY),
    STOP_ALL(
            "--stop-all",
            "",
            "",
            "stop all threads together, each time for a moment, where one would do; for programs in which that matters"),
    UNDO("--undo", "", "", "take back what earlier attaches have done: all code returns to its files"),
    DRY_RUN("--dry-run", "", "", "show the plan on standard output and change nothing"),
    STRICT("--strict", "", "", "exit 125, too, if a part was done and another could not be"),
    VERBOSE(OptionText.VERBOSE),
    ARCHIVE(OptionText.ARCHIVE),
    TIMEOUT("--timeout", "", "SECONDS", "how long the helper may take for each answer (default: 10)");

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final OptionText text;

    AttachOption(String longName, String shortName, String parameter, String description) {
        this(new OptionText(longName, shortName, parameter, description));
    }

    AttachOption(OptionText text) {
        this.text = text;
    }

    OptionText text() {
        return text;
    }

    /** Whether the environment has no say in it: what decides what is done, and what tells of it. */
    boolean isOnlyForCommandLine() {
        return this == STRICT || this == ARCHIVE || this == DRY_RUN || this == UNDO;
    }

    static Optional<AttachOption> named(String name) {
        for (AttachOption option : values()) {
            if (option.text.isNamed(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
