package org.tiexec.helper.planner;

import java.io.File;
import java.io.IOException;
import java.util.List;
import org.tiexec.helper.proc.HostFiles;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.helper.region.CodeFile;
import org.tiexec.helper.region.ParkedCode;
import org.tiexec.helper.strategy.Strategies;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.LoadSegment;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.procfs.Mapping;

/** Plans for a process that runs meanwhile. */
final class RunningPlanner {
    private final File root;
    private final int pid;
    private final ProcessFiles files;

    /**
     * Reads nothing yet.
     *
     * @param root the directory that holds {@code proc} and {@code sys}; {@code /} but in tests
     */
    RunningPlanner(File root, int pid) {
        this.root = root;
        this.pid = pid;
        this.files = new ProcessFiles(root, pid);
    }

    /**
     * Plans an attach, or a launch that meets the program with its libraries. Of what could be gained, looks into each file
     * and at each page.
     *
     * @throws UnreadableProcessException if the process is gone or foreign, or cannot be changed
     */
    Decision swap(Settings settings) throws UnreadableProcessException {
        ProcessFacts process = changeable();
        HostFacts host = new HostFiles(root).read();
        if (process.anchor().isEmpty()) {
            return Planner.plan(process, host, settings);
        }
        List<CodeFile> code =
                CodeFile.of(process.mappings(), process.anchor().get(), settings.targets(), settings.selection());
        AttachObstacles obstacles = new AttachObstacles(files, process, Strategies.named(settings.strategy()));
        return Planner.plan(process.withExclusions(obstacles.in(code)), host, settings);
    }

    /**
     * Plans an undo.
     *
     * @throws UnreadableProcessException if the process is gone or foreign, or cannot be changed
     */
    Decision undo() throws UnreadableProcessException {
        ProcessFacts process = changeable();
        ParkedCode parked = ParkedCode.in(process.mappings(), this::segments);
        return UndoPlanner.plan(process, parked, new HostFiles(root).read());
    }

    private ProcessFacts changeable() throws UnreadableProcessException {
        if (isThisProcess()) {
            throw new UnreadableProcessException("process " + pid + " is this helper itself");
        }
        files.requireChangeable();
        return files.read();
    }

    private boolean isThisProcess() {
        try {
            return OwnProcess.id(root) == pid;
        } catch (IOException e) {
            // without /proc there is no process to plan for: the next to look there says so
            return false;
        }
    }

    private List<LoadSegment> segments(List<Mapping> mappings) {
        try {
            return files.lookInto(mappings, ElfHeaders::read).segments();
        } catch (IOException | MalformedElfException e) {
            // no answer, as where the headers do not tell
            return List.of();
        }
    }
}
