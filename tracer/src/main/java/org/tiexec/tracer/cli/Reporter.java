package org.tiexec.tracer.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.Digest;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.protocol.outcome.RegionOutcome;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.tracer.archive.Archive;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.launch.LaunchSession;

/** Tells people and the archive what a launch did. */
final class Reporter implements LaunchSession.RunObserver {
    private final boolean verbose;
    private final Optional<Path> archive;
    private final PrintStream err;

    /**
     * Tells what is asked for.
     *
     * @param verbose whether people are told
     * @param archive the directory for the audit document, if one is wanted
     */
    Reporter(boolean verbose, Optional<Path> archive, PrintStream err) {
        this.verbose = verbose;
        this.archive = archive;
        this.err = err;
    }

    @Override
    public void done(RunReport report) {
        if (verbose) {
            err.print(ReportText.of(report));
            err.flush();
        }
    }

    @Override
    public void runs(RunReport report, HelperProcess helper) {
        if (archive.isPresent()) {
            archive(report, helper);
        }
    }

    private void archive(RunReport report, HelperProcess helper) {
        try {
            RunReport complete = withDigests(report, helper);
            new Archive(archive.orElseThrow()).store(complete);
        } catch (IOException e) {
            err.println("tracer: " + report.program() + ": the archive was not written: " + reason(e));
        }
    }

    private static RunReport withDigests(RunReport report, HelperProcess helper) {
        List<Attempt> attempts = new ArrayList<>();
        for (Attempt attempt : report.attempts()) {
            List<RegionOutcome> regions = new ArrayList<>();
            for (RegionOutcome region : attempt.regions()) {
                regions.add(region.isSwapped() ? region.withDigest(digest(region.region(), helper)) : region);
            }
            attempts.add(new Attempt(attempt.plan(), attempt.steps(), attempt.undone(), regions));
        }
        return report.withAttempts(attempts);
    }

    /** Whatever becomes of the digest, the rest of the report is worth keeping. */
    private static Digest digest(RegionId region, HelperProcess helper) {
        try {
            return helper.conversation().digest(region);
        } catch (HelperFailedException e) {
            return new Digest.Missing(String.valueOf(e.getMessage()));
        }
    }

    /** An exception about a file often has no other message than the file's name. */
    private static String reason(Exception failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "you may not write to " + Path.of(denied.getFile()).getParent()
                    + " (--archive=DIR takes a directory of yours)";
        }
        if (failure instanceof NoSuchFileException missing) {
            return Path.of(missing.getFile()).getParent() + " is gone (mkdir -m 700 DIR)";
        }
        return String.valueOf(failure.getMessage());
    }

    @Override
    public void leftAlone(String program, String reason) {
        if (verbose) {
            err.println("tracer: " + program + ": " + Printable.of(reason));
        }
    }
}
