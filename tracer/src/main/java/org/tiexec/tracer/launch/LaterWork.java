package org.tiexec.tracer.launch;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.sys.NativeCalls;

/** What is done to programs that have been let go and run. */
final class LaterWork {
    private static final String SIBLINGS =
            "kernel.yama.ptrace_scope keeps the helper from the memory of a running program";

    private final Launch launch;
    private final NativeCalls nativeCalls;
    private final MemoryRoom memory;
    private final HelperProcess helper;
    private final Yama yama;
    private final Settings settings;

    /**
     * Prepares.
     *
     * @param yama what else than the usual rights decides who may touch their memory
     * @param settings what was wanted at the launch
     */
    LaterWork(
            Launch launch,
            NativeCalls nativeCalls,
            MemoryRoom memory,
            HelperProcess helper,
            Yama yama,
            Settings settings) {
        this.launch = launch;
        this.nativeCalls = nativeCalls;
        this.memory = memory;
        this.helper = helper;
        this.yama = yama;
        this.settings = settings;
    }

    /**
     * Does now what could not be done while a program stood still, because it has threads already.
     *
     * @return what was tried
     */
    List<Attempt> catchUp(int pid, LaunchMessages messages) {
        try {
            if (yama.separatesSiblings()) {
                messages.runsWithout("its threads run already, and " + SIBLINGS, "2 MB pages");
                return List.of();
            }
            Optional<RunReport> report = running(pid, messages).swap(settings.whileRunning());
            return report.isPresent() ? report.get().attempts() : List.of();
        } catch (RuntimeException | Error e) {
            messages.warn("an unexpected failure (" + e + "); it runs on");
            return List.of();
        }
    }

    /**
     * What there is to be done beside a program for a while.
     *
     * @param attempts what has been tried with it so far
     */
    Optional<LibraryWatch> watch(int pid, List<Attempt> attempts, LaunchMessages messages) {
        Optional<Duration> length = launch.options().dlopen();
        if (length.isEmpty() || helper.conversation().hasFailed()) {
            return Optional.empty();
        }
        if (yama.separatesSiblings()) {
            messages.warn("--dlopen is not possible: " + SIBLINGS);
            return Optional.empty();
        }
        return Optional.of(new LibraryWatch(
                running(pid, messages),
                settings.whileRunning().withTargets(Targets.LIBRARIES),
                length.get(),
                LibraryWatch.pagesIn(attempts)));
    }

    private RunningProgram running(int pid, LaunchMessages messages) {
        return new RunningProgram(launch, nativeCalls, helper, memory, messages, pid);
    }
}
