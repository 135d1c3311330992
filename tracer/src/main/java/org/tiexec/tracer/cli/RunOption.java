package org.tiexec.tracer.cli;

import java.util.Optional;

/**
 * The options of {@code tracer run}: one list for the parser and for the help.
 *
 * <p>The parser is our own because starting a general one costs a launch some 100 ms.
 */
enum RunOption {
    BACKING(
            "--backing",
            "",
            "auto|hugetlb|thp",
            "pages to use: reserved ones (hugetlb), transparent ones (thp),"
                    + " or the first of these that can be had (auto, the default)"),
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
    VERBOSE("--verbose", "-v", "", "tell on standard error what was done, in how many milliseconds, and what was not"),
    ARCHIVE("--archive", "", "DIR", "write what was done as one JSON document into DIR"),
    TIMEOUT(
            "--timeout",
            "",
            "SECONDS",
            "how long the helper may take for each answer before the program runs without it (default: 10)"),
    DRY_RUN("--dry-run", "", "", "show the plan on standard output; the program never runs");

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final OptionText text;

    RunOption(String longName, String shortName, String parameter, String description) {
        this.text = new OptionText(longName, shortName, parameter, description);
    }

    OptionText text() {
        return text;
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
