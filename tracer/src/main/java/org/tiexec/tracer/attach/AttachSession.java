package org.tiexec.tracer.attach;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.remote.Admission;
import org.tiexec.tracer.remote.RefusedException;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Brings the code of one running process to 2 MB pages, or back.
 *
 * <p>Whatever goes wrong, the process runs on with all of its code: nothing is ever killed.
 */
public final class AttachSession {
    /** Our own failure ({@code env(1)}, {@code timeout(1)}). */
    public static final int EXIT_FAILURE = 125;

    private final AttachOptions options;
    private final LiveArchitecture arch;
    private final Path helperLauncher;
    private final long ignoredSignals;
    private final Observer observer;
    private final PrintStream out;
    private final PrintStream err;
    private final Optional<PrintStream> protocolLog;
    private final PhaseClock clock;
    private final NativeCalls nativeCalls = new NativeCalls();
    private final MemoryRoom memory = new MemoryRoom(new File("/"));

    /**
     * Prepares.
     *
     * @param helperLauncher the command that starts the helper
     * @param ignoredSignals those that this process was started with ignored; bit N−1 stands for signal N
     * @param out for the plan of a dry run
     * @param err where people read
     * @param protocolLog where all that is said to the helper and by it is shown, if people are to see it
     */
    public AttachSession(
            AttachOptions options,
            LiveArchitecture arch,
            Path helperLauncher,
            long ignoredSignals,
            Observer observer,
            PrintStream out,
            PrintStream err,
            Optional<PrintStream> protocolLog,
            PhaseClock clock) {
        this.options = options;
        this.arch = arch;
        this.helperLauncher = helperLauncher;
        this.ignoredSignals = ignoredSignals;
        this.observer = observer;
        this.out = out;
        this.err = err;
        this.protocolLog = protocolLog;
        this.clock = clock;
    }

    /** Is told what was done. */
    public interface Observer {
        /**
         * Takes it.
         *
         * @param helper still there to answer questions
         */
        void done(RunReport report, HelperProcess helper);
    }

    /**
     * Does it.
     *
     * @return the exit status for this process
     */
    public int run() {
        try (HelperProcess helper = HelperProcess.start(helperLauncher, options.timeout(), protocolLog)) {
            clock.end("start helper");
            Set<Integer> own = Set.of(nativeCalls.processes().ownPid(), helper.pid());
            try (Interruption interruption =
                    Interruption.watch(nativeCalls.library(), ignoredSignals, this::endAtOnce)) {
                clock.end("native calls");
                return admit(own, helper, interruption);
            }
        } catch (RefusedException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (HelperFailedException e) {
            return fail("process " + options.pid() + " runs on as it was: the helper " + e.getMessage());
        } catch (LinkageError e) {
            return fail("native calls cannot be made: " + e.getMessage());
        } catch (TargetGoneException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (RollbackFailedException | IOException | ProcFormatException e) {
            return fail("process " + options.pid() + ": " + e.getMessage());
        } catch (RuntimeException e) {
            return fail("an unexpected failure (" + e + "); process " + options.pid() + " runs on");
        }
    }

    private int admit(Set<Integer> own, HelperProcess helper, Interruption interruption)
            throws RefusedException, HelperFailedException, TargetGoneException, RollbackFailedException, IOException,
                    ProcFormatException {
        Admission admission = new Admission(options.pid(), own, arch, nativeCalls.library());
        try (OpenedProcess process = admission.open(nativeCalls.processes())) {
            if (!process.claim()) {
                return fail("another tracer works on process " + options.pid() + "; wait until it has ended");
            }
            clock.end("admission");
            RunningSwap.rehearse(nativeCalls, arch);
            clock.end("rehearsal");
            helper.awaitHello();
            clock.end("helper ready");
            return work(process, helper, interruption);
        }
    }

    private void endAtOnce() {
        err.println("tracer: interrupted; process " + options.pid() + " runs on as it was");
        err.flush();
        Runtime.getRuntime().halt(EXIT_FAILURE);
    }

    private int work(OpenedProcess process, HelperProcess helper, Interruption interruption)
            throws HelperFailedException, TargetGoneException, RollbackFailedException, IOException,
                    ProcFormatException {
        if (options.dryRun()) {
            helper.conversation().requestPlan(options.pid(), options.settings());
            return show(helper.conversation().awaitPlan());
        }
        String program = name(process);
        RunningSwap swap = new RunningSwap(
                process,
                arch,
                options.stopAll(),
                options.timeout(),
                helper.conversation(),
                new InterruptibleTasks(helper, interruption),
                memory,
                clock);
        interruption.beginWork();
        Optional<PlanAnswer.Declined> shortfall = swap.perform(options.settings());
        RunReport report = swap.report(program, options.settings().purpose(), shortfall);
        int status = tell(report, shortfall, swap, helper);
        return shortfall.isPresent() && interruption.reason().isPresent() ? EXIT_FAILURE : status;
    }

    /** Its own name for itself, which it may change. */
    private static String name(OpenedProcess process) throws IOException {
        return Printable.of(new String(process.procFile("comm"), StandardCharsets.UTF_8).strip());
    }

    private int show(PlanAnswer answer) {
        MessageWriter lines = new MessageWriter(out);
        try {
            if (answer instanceof PlanAnswer.Declined declined) {
                lines.send(new Message.Declined(declined.nothingToDo(), declined.reason()));
                return declined.nothingToDo() ? 0 : fail("process " + options.pid() + ": " + declined.reason());
            }
            lines.send(((PlanAnswer.Planned) answer).plan());
            return 0;
        } catch (IOException e) {
            return fail("the plan cannot be written: " + e.getMessage());
        }
    }

    private int tell(
            RunReport report, Optional<PlanAnswer.Declined> shortfall, RunningSwap swap, HelperProcess helper) {
        boolean partly = swap.didSomething();
        observer.done(report, helper);
        Optional<String> failure =
                shortfall.filter(declined -> !declined.nothingToDo()).map(PlanAnswer.Declined::reason);
        if (failure.isEmpty()) {
            return 0;
        }
        if (!options.verbose()) {
            say(report.program() + " (pid " + report.pid() + "): " + Printable.of(failure.get()) + because(swap)
                    + (partly
                            ? "; all else is done"
                            : isTakenBack(report) ? "; it runs on as it was" : "; it runs on"));
        }
        return partly && !options.strict() ? 0 : EXIT_FAILURE;
    }

    /** Whether nothing of what was tried has stayed. */
    private static boolean isTakenBack(RunReport report) {
        return report.attempts().stream()
                .flatMap(attempt -> attempt.undone().stream())
                .allMatch(undone -> undone.result().isSuccess());
    }

    private static String because(RunningSwap swap) {
        return swap.obstacles().isEmpty() ? "" : "; " + Printable.of(String.join("; ", swap.obstacles()));
    }

    private int fail(String reason) {
        say(Printable.of(reason));
        return EXIT_FAILURE;
    }

    private void say(String text) {
        err.println("tracer: " + text);
    }
}
