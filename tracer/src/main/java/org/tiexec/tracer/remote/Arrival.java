package org.tiexec.tracer.remote;

/** How a program's way to its entry point has ended. */
public enum Arrival {
    /** It stands there, before the first instruction of its own. */
    AT_ENTRY("reached its entry point"),
    /** It stands somewhere else, because it took too long. */
    LATE("did not reach its entry point in time: a library's constructor takes longer"),
    /** It stands at the beginning of another program, which it has executed. */
    OTHER_PROGRAM("executed another program before its entry point"),
    /** It runs and is traced no more: another of its threads has executed a program. */
    LOST("executed another program in a thread before its entry point"),
    /** It stands before its first instruction: it cannot be met later. */
    NO_WAY("cannot be met at its entry point: there is neither a debug register nor a way to write into its code");

    private final String meaning;

    Arrival(String meaning) {
        this.meaning = meaning;
    }

    /** What it has done, in words that follow its name. */
    public String meaning() {
        return meaning;
    }
}
