package org.tiexec.tracer.launch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.plan.Settings;

/**
 * How a program is to be launched.
 *
 * @param settings what the plan is to be
 * @param strict whether the program must not run unless everything asked for was done
 * @param verbose whether what was done is told on standard error
 * @param archive the directory for the audit document, if one is wanted
 * @param dryRun whether only the plan is shown and the program never runs
 * @param timeout how long the helper may take for each answer, and a program to its entry point
 * @param dlopen how long the program, once it runs, is watched for libraries that arrive later, if at all
 * @param following which programs are meant besides the one that is named
 */
public record LaunchOptions(
        Settings settings,
        boolean strict,
        boolean verbose,
        Optional<Path> archive,
        boolean dryRun,
        Duration timeout,
        Optional<Duration> dlopen,
        Following following) {
    /** Whether code other than the executable's is wanted, at the launch or later. */
    public boolean wantsLibraries() {
        return settings.targets().includeLibraries() || dlopen.isPresent();
    }
}
