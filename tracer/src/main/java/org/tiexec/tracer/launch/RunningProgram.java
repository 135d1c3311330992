package org.tiexec.tracer.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.attach.RunningSwap;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.remote.Admission;
import org.tiexec.tracer.remote.RefusedException;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.TargetGoneException;

/** A program that has been launched and runs, on which we go on working as an attach does. */
final class RunningProgram {
    private static final String UNCHANGED = "its libraries stay as they are";

    private final Launch launch;
    private final LiveArchitecture arch;
    private final NativeCalls nativeCalls;
    private final HelperProcess helper;
    private final MemoryRoom memory;
    private final LaunchMessages messages;
    private final int pid;
    private boolean rehearsed;

    RunningProgram(
            Launch launch,
            NativeCalls nativeCalls,
            HelperProcess helper,
            MemoryRoom memory,
            LaunchMessages messages,
            int pid) {
        this.launch = launch;
        this.arch = launch.live().orElseThrow();
        this.nativeCalls = nativeCalls;
        this.helper = helper;
        this.memory = memory;
        this.messages = messages;
        this.pid = pid;
    }

    /**
     * Takes hold of it as it is now.
     *
     * @throws RefusedException if that cannot be done
     */
    OpenedProcess open() throws RefusedException {
        return new Admission(pid, Set.of(nativeCalls.processes().ownPid(), helper.pid()), arch, nativeCalls.library())
                .open(nativeCalls.processes());
    }

    /**
     * Brings code of it to 2 MB pages while it runs, and tells of that.
     *
     * @return what was done; empty if the process has ended or cannot be worked on now
     */
    Optional<RunReport> swap(Settings settings) {
        if (!rehearsed) {
            rehearsed = true;
            RunningSwap.rehearse(nativeCalls, arch);
        }
        PhaseClock clock = new PhaseClock(System.nanoTime());
        try (OpenedProcess process = open()) {
            if (!process.claim()) {
                leaveAlone("another tracer works on process " + pid);
                return Optional.empty();
            }
            RunningSwap swap = new RunningSwap(
                    process,
                    arch,
                    false,
                    launch.options().timeout(),
                    helper.conversation(),
                    new Tasks(helper),
                    memory,
                    clock);
            Optional<Sight> sight = Sight.of(process);
            Optional<PlanAnswer.Declined> shortfall = swap.perform(settings);
            if (sight.isPresent() && !sight.get().isStillThere()) {
                // It has executed something meanwhile: nothing of what was done is left, or missing.
                return Optional.empty();
            }
            RunReport report = swap.report(messages.programName(), settings.purpose(), shortfall);
            tell(report, shortfall, swap);
            return Optional.of(report);
        } catch (TargetGoneException e) {
            // Its end, or what it has become, is its own business.
            return Optional.empty();
        } catch (RefusedException | RollbackFailedException | IOException | ProcFormatException | SysException e) {
            leaveAlone(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void tell(RunReport report, Optional<PlanAnswer.Declined> shortfall, RunningSwap swap) {
        if (shortfall.isPresent()
                && !shortfall.get().nothingToDo()
                && !launch.options().verbose()) {
            warn(shortfall.get().reason(), swap.didSomething() ? "all else is done" : UNCHANGED);
        }
        launch.observer().done(report);
        launch.observer().runs(report, helper);
    }

    /** Says why nothing more is done. */
    void leaveAlone(String reason) {
        warn(reason, UNCHANGED);
    }

    /** Unless it is because of the program's end. */
    private void warn(String reason, String result) {
        if (hasMemory()) {
            messages.warn(Printable.of(reason) + "; " + result);
        }
    }

    /** One that is about to end has given up its memory first. */
    private boolean hasMemory() {
        try {
            return !Files.readString(Path.of("/proc/" + pid + "/statm")).startsWith("0 ");
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the helper can be asked no more. */
    boolean hasLostHelper() {
        return helper.conversation().hasFailed();
    }

    int pid() {
        return pid;
    }

    /** A helper that fails is ended before the memory is taken from it in which it may still be writing. */
    private record Tasks(HelperProcess helper) implements HelperTasks {
        @Override
        public StepResult perform(StepId step, Address to) throws HelperFailedException {
            try {
                return helper.conversation().perform(step, to);
            } catch (HelperFailedException e) {
                helper.close();
                throw e;
            }
        }
    }
}
