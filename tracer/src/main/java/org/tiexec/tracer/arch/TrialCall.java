package org.tiexec.tracer.arch;

/** A system call that is made to find out whether it may be made. */
public final class TrialCall {
    private final String name;
    private final long number;
    private final boolean refusalCounts;
    private final long[] arguments;

    /**
     * Describes the call.
     *
     * @param name for people
     * @param number as the architecture numbers it
     * @param refusalCounts whether EPERM ends the trial; otherwise only who is killed has failed
     * @param arguments six at most
     */
    public TrialCall(String name, long number, boolean refusalCounts, long... arguments) {
        this.name = name;
        this.number = number;
        this.refusalCounts = refusalCounts;
        this.arguments = arguments.clone();
    }

    /** Its name, for people. */
    public String name() {
        return name;
    }

    /** Its number. */
    public long number() {
        return number;
    }

    /** Whether EPERM ends the trial. */
    public boolean refusalCounts() {
        return refusalCounts;
    }

    /** One of its arguments, from 0; those that it has not are 0. */
    public long argument(int index) {
        return index < arguments.length ? arguments[index] : 0;
    }
}
