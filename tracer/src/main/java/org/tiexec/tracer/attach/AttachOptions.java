package org.tiexec.tracer.attach;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.plan.Settings;

/**
 * What is to be done to a running process, and how.
 *
 * @param pid the process
 * @param settings what the plan is to be: for an attach or an undo
 * @param stopAll whether all threads are to stand still whenever one works for us
 * @param strict whether it counts as a failure if only a part could be done
 * @param verbose whether what was done is told on standard error
 * @param archive the directory for the audit document, if one is wanted
 * @param dryRun whether only the plan is shown
 * @param timeout how long the helper may take for each answer
 */
public record AttachOptions(
        int pid,
        Settings settings,
        boolean stopAll,
        boolean strict,
        boolean verbose,
        Optional<Path> archive,
        boolean dryRun,
        Duration timeout) {}
