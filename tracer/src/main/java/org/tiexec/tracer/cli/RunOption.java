package org.tiexec.tracer.cli;

import java.util.Optional;

/**
 * The options of {@code tracer run}: one list for the parser and for the help.
 *
 * <p>The parser is our own because starting a general one costs a launch some 100 ms.
 */
enum RunOption {
    BACKING(OptionText.BACKING),
    TARGETS(
            "--targets",
            "",
            "exe|libs|exe,libs",
            "whose code: the program's own (exe, the default), that of the libraries which it is loaded with (libs), or both"
                    + " (exe,libs)"),
    LIB(
            "--lib",
            "",
            "GLOB",
            "of libraries only those with such a file name, as in --lib='libLLVM*'; may be repeated, and includes libs"),
    MAX_PAGES(OptionText.MAX_PAGES),
    DLOPEN(
            "--dlopen",
            "",
            "SECONDS",
            "watch the running program for so long and bring libraries that it loads to 2 MB pages, too"),
    STRATEGY(OptionText.STRATEGY),
    METHOD(
            "--method",
            "",
            "auto|staged-swap|in-place",
            "how the new pages take the place of the old"
                    + " (default: auto, which is staged-swap unless the kernel cannot move hugetlb pages)"),
    LAUNCH(
            "--launch",
            "",
            "auto|in-place|child",
            "where the program runs: in the very process that this command is (in-place), as its child,"
                    + " or in place if that is possible here (auto, the default)"),
    FOLLOW(
            "--follow",
            "",
            "exec|tree|none",
            "which program is meant: the one that the named one becomes (exec), also those that it starts (tree), or just"
                    + " the named one (none); default: exec, for shells, scripts, env, nice and the like"),
    ONLY(
            "--only",
            "",
            "GLOB",
            "with --follow=tree: only executables whose path, or file name, fits; may be given again"),
    FOLLOW_FOR(
            "--follow-for", "", "SECONDS", "how long to follow (default: 2 for exec; a tree as long as there is one)"),
    STRICT("--strict", "", "", "if not everything can be done, do not run the program: exit 125 and say why"),
    VERBOSE(OptionText.VERBOSE),
    ARCHIVE(OptionText.ARCHIVE),
    TIMEOUT(
            "--timeout",
            "",
            "SECONDS",
            "how long the helper may take for each answer, and with libs the program to its entry point, before it runs"
                    + " without 2 MB pages (default: 10)"),
    USER(
            "--user",
            "",
            "NAME[:GROUP]",
            "run the program as this user, with its group or another one and the supplementary groups of the user;"
                    + " names or ids; takes root. If that cannot be done, the program does not run: exit 125"),
    GROUPS("--groups", "", "GROUP,...", "with --user: just these supplementary groups; none if it is empty"),
    DRY_RUN("--dry-run", "", "", "show the plan on standard output; the program never runs");

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final OptionText text;

    RunOption(String longName, String shortName, String parameter, String description) {
        this(new OptionText(longName, shortName, parameter, description));
    }

    RunOption(OptionText text) {
        this.text = text;
    }

    OptionText text() {
        return text;
    }

    /** Whether the environment has no say in it: what decides whether, and as whom, the program runs, and what tells of it. */
    boolean isOnlyForCommandLine() {
        return this == STRICT || this == ARCHIVE || this == DRY_RUN || this == USER || this == GROUPS;
    }

    /** Whether its value may be empty. */
    boolean mayBeEmpty() {
        return this == GROUPS;
    }

    static Optional<RunOption> named(String name) {
        for (RunOption option : values()) {
            if (option.text.isNamed(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
