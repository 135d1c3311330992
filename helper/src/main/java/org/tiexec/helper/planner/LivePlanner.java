package org.tiexec.helper.planner;

import java.io.File;
import java.util.List;
import org.tiexec.helper.proc.HostFiles;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Settings;

/** Plans for a process that exists. */
public final class LivePlanner {
    private final File root;

    /**
     * Reads nothing yet.
     *
     * @param root the directory that holds {@code proc} and {@code sys}; {@code /} but in tests
     */
    public LivePlanner(File root) {
        this.root = root;
    }

    /**
     * Reads process and machine, then decides. Where there is code to gain, its file is looked into as well.
     *
     * <p>For a launch of the executable does not look for sealed mappings, which takes longer than all the rest: nothing is
     * sealed yet, and later the kernel refuses to park what is, so that it stays as it was.
     *
     * @throws UnreadableProcessException if the process is gone or foreign, or is none that could be changed
     */
    public Decision plan(int pid, Settings settings) throws UnreadableProcessException {
        return switch (settings.purpose()) {
            case LAUNCH -> planLaunch(pid, settings);
            case ATTACH -> new RunningPlanner(root, pid).swap(settings);
            case UNDO -> new RunningPlanner(root, pid).undo();
        };
    }

    private Decision planLaunch(int pid, Settings settings) throws UnreadableProcessException {
        if (settings.targets().includeLibraries()) {
            return new RunningPlanner(root, pid).swap(settings);
        }
        ProcessFiles files = new ProcessFiles(root, pid);
        return plan(files, files.read(), new HostFiles(root).read(), settings);
    }

    /**
     * As {@link #plan}, but leaves out what the program has sealed in a plan for a launch, too.
     *
     * @throws UnreadableProcessException if the process is gone or foreign, or is none that could be changed
     */
    public Decision planAroundSeals(int pid, Settings settings) throws UnreadableProcessException {
        if (settings.purpose() != Purpose.LAUNCH || settings.targets().includeLibraries()) {
            return plan(pid, settings);
        }
        ProcessFiles files = new ProcessFiles(root, pid);
        ProcessFacts process = files.read();
        HostFacts host = new HostFiles(root).read();
        Decision decision = plan(files, process, host, settings);
        if (decision instanceof Decision.Proposed proposed) {
            List<Region> regions = proposed.plan().header().regions();
            AddressRange interest = new AddressRange(
                    regions.get(0).span().start(),
                    regions.get(regions.size() - 1).span().end());
            return Planner.plan(process.withSealed(files.sealedWithin(interest)), host, settings);
        }
        return decision;
    }

    private static Decision plan(ProcessFiles files, ProcessFacts process, HostFacts host, Settings settings)
            throws UnreadableProcessException {
        Decision decision = Planner.plan(process, host, settings);
        return decision instanceof Decision.Proposed && files.hasPatchedCode()
                ? Planner.plan(process.withPatchedCode(), host, settings)
                : decision;
    }
}
