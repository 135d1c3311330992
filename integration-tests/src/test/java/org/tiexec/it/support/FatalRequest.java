package org.tiexec.it.support;

import java.nio.file.Path;
import java.util.List;

/**
 * One request to the kernel about a process that is the last of the tracer that makes it: it is killed by SIGKILL; see
 * {@code fatal_request.c}.
 */
public final class FatalRequest {
    private static final int NONE = -1;

    private final LiveProcess process;
    private final int number;
    private final Moment moment;
    private final Path log;

    /** When, in relation to the request. */
    public enum Moment {
        BEFORE,
        AFTER
    }

    private FatalRequest(Lab lab, LiveProcess process, int number, Moment moment) {
        this.process = process;
        this.number = number;
        this.moment = moment;
        this.log = lab.newFile("requests");
    }

    /**
     * Prepares one.
     *
     * @param process about which the requests are that count
     * @param number which of them, from 0; there may be fewer
     */
    public static FatalRequest of(Lab lab, LiveProcess process, int number, Moment moment) {
        return new FatalRequest(lab, process, number, moment);
    }

    /** Kills nobody, but tells of the requests. */
    public static FatalRequest none(Lab lab, LiveProcess process) {
        return new FatalRequest(lab, process, NONE, Moment.BEFORE);
    }

    /** The command that is killed so. */
    public Command of(Command tracer) {
        return tracer.after(
                Specimens.fatalRequest(), process.pid(), number, moment == Moment.BEFORE ? "before" : "after", log);
    }

    /** The requests that it has made about that process, by name. */
    public List<String> requests() {
        return Command.text(log).lines().toList();
    }
}
