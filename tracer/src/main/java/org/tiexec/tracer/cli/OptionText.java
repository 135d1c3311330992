package org.tiexec.tracer.cli;

/**
 * An option as people write it and read of it.
 *
 * @param longName with two dashes
 * @param shortName a dash with one letter, or empty
 * @param parameter the label of its value, its words with bars between if there are only these; empty if it takes none
 * @param description for the help
 */
record OptionText(String longName, String shortName, String parameter, String description) {
    // Those that mean the same wherever they are given.

    static final OptionText BACKING = new OptionText(
            "--backing",
            "",
            "auto|hugetlb|thp",
            "pages to use: reserved ones (hugetlb), transparent ones (thp),"
                    + " or the first of these that can be had (auto, the default)");

    static final OptionText STRATEGY = new OptionText(
            "--strategy",
            "",
            "conservative|aggressive",
            "which of the code: what fills whole 2 MB (conservative, the default), or also the rest, where the 2 MB"
                    + " around it hold nothing but gaps and read-only parts of the same file (aggressive)");

    static final OptionText MAX_PAGES =
            new OptionText("--max-pages", "", "N", "use at most N pages of 2 MB: the largest pieces of code first");

    static final OptionText VERBOSE = new OptionText(
            "--verbose", "-v", "", "tell on standard error what was done, in how many milliseconds, and what was not");

    static final OptionText ARCHIVE =
            new OptionText("--archive", "", "DIR", "write what was done as one JSON document into DIR");

    boolean takesValue() {
        return !parameter.isEmpty();
    }

    boolean isNamed(String name) {
        return longName.equals(name) || (!shortName.isEmpty() && shortName.equals(name));
    }
}
