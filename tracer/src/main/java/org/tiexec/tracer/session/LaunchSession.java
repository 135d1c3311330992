package org.tiexec.tracer.session;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.program.ExecutableSearch;
import org.tiexec.tracer.program.Judgement;
import org.tiexec.tracer.program.ProgramJudge;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.sys.BareStart;
import org.tiexec.tracer.sys.KeptByExec;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.Stub;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * One launch, from the judgement of the program's file to the program's end.
 *
 * <p>Whatever goes wrong on our side, the program runs as if we were not there, unless strictness was asked for. All of
 * it happens on the calling thread, which owns ptrace.
 */
public final class LaunchSession {
    /** Our own failure ({@code env(1)}). */
    public static final int EXIT_OWN_FAILURE = 125;

    private static final int EXIT_NOT_EXECUTABLE = 126;
    private static final int EXIT_NOT_FOUND = 127;
    private static final int SIGKILL = 9;

    private final LaunchOptions options;
    private final Inheritance inheritance;
    private final Path helperLauncher;
    private final Architecture arch;
    private final RunObserver observer;
    private final PrintStream out;
    private final PrintStream err;
    private final PhaseClock clock;
    private final ExecutableSearch search;
    private final NativeCalls nativeCalls = new NativeCalls();
    private Optional<HelperProcess> helper = Optional.empty();
    private Optional<Bequest> bequest = Optional.empty();

    /**
     * Prepares a launch.
     *
     * @param options what the user asked for
     * @param inheritance what the program gets
     * @param helperLauncher the command that starts the helper
     * @param arch the architecture of this machine
     * @param observer is told what was done, once the program runs
     * @param out for the plan of a dry run; otherwise the program's own
     * @param err for reasons of failure
     * @param clock runs since the start of this process
     */
    public LaunchSession(
            LaunchOptions options,
            Inheritance inheritance,
            Path helperLauncher,
            Architecture arch,
            RunObserver observer,
            PrintStream out,
            PrintStream err,
            PhaseClock clock) {
        this.options = options;
        this.inheritance = inheritance;
        this.helperLauncher = helperLauncher;
        this.arch = arch;
        this.observer = observer;
        this.out = out;
        this.err = err;
        this.clock = clock;
        this.search = new ExecutableSearch(inheritance.argv(), inheritance.environment());
    }

    /** Is told what a launch did, while the program already runs. */
    public interface RunObserver {
        /**
         * Takes the report.
         *
         * @param report what was done
         * @param helper still there to answer questions
         */
        void observe(RunReport report, HelperProcess helper);

        /** Takes the reason why a program was left to itself from the start. */
        void leftAlone(String program, String reason);
    }

    /**
     * Launches the program and waits for its end.
     *
     * @return the exit status for this process; does not return where this process becomes the program
     */
    public int run() {
        Judgement judgement = new ProgramJudge().judge(search.candidates());
        clock.end("look at the file");
        if (judgement instanceof Judgement.NothingToDo nothing) {
            String reason = "nothing to do: " + nothing.reason();
            return options.dryRun() ? declineDryRun(true, reason) : leaveAlone(reason);
        }
        if (judgement instanceof Judgement.Unsuitable unsuitable) {
            if (options.dryRun()) {
                return declineDryRun(false, unsuitable.reason());
            }
            return options.strict() ? refuse(unsuitable.reason()) : leaveAlone(unsuitable.reason());
        }
        if (judgement instanceof Judgement.NotFound) {
            return options.dryRun() ? notExecuted(Errno.ENOENT) : runPlain();
        }
        return promising(((Judgement.Promising) judgement).image());
    }

    /** Starts the helper first: it takes longest to be ready. */
    private int promising(Path image) {
        try {
            HelperProcess started = HelperProcess.start(helperLauncher, options.timeout());
            helper = Optional.of(started);
            clock.end("start helper");
            if (processes().hasExtendedAttribute(image, "security.capability")) {
                String reason = image + " has file capabilities; traced, it would lose them";
                return options.strict() ? refuse(reason) : leaveAlone(reason);
            }
            clock.end("native calls");
            return launch(started);
        } catch (HelperFailedException e) {
            return fallBack(String.valueOf(e.getMessage()));
        } finally {
            endHelper();
        }
    }

    private int launch(HelperProcess helper) {
        int stub;
        PtraceTarget target;
        try {
            bequest().prepare();
            stub = Stub.spawn(processes());
        } catch (SysException e) {
            return fallBack(String.valueOf(e.getMessage()));
        }
        try {
            target = PtraceTarget.seize(library(), processes(), stub);
        } catch (SysException | TargetGoneException e) {
            discard(stub);
            return fallBack(
                    "cannot trace: " + e.getMessage()
                            + "; is it traced already (strace, gdb), or is ptrace forbidden here (kernel.yama.ptrace_scope, a container)");
        }
        if (inheritance.signalsArePending()) {
            new SignalForwarder(library(), processes(), target.pid()).start();
        }
        clock.end("stub");
        try (MemoryComparison comparison = new MemoryComparison(library(), target.pid())) {
            Optional<Errno> refused;
            try {
                refused = becomeProgram(target, helper);
            } catch (IOException | HelperFailedException | SysException | IllegalStateException e) {
                target.kill();
                return fallBack(String.valueOf(e.getMessage()));
            } catch (TargetGoneException e) {
                return endLike(e);
            }
            if (refused.isPresent()) {
                target.kill();
                return notExecuted(refused.get());
            }
            clock.end("exec stop");
            return optimise(target, helper, comparison);
        }
    }

    /** Makes the stub execute the program; why no path could be executed, or empty. */
    private Optional<Errno> becomeProgram(PtraceTarget stub, HelperProcess helper)
            throws IOException, HelperFailedException, TargetGoneException {
        RemoteExec exec = new RemoteExec(stub, arch);
        // The stub waits for the helper, so that the program itself stands still no longer than need be.
        Rehearsal.run();
        clock.end("rehearsal");
        helper.conversation().awaitHello();
        clock.end("helper ready");
        bequest().complete(stub.pid(), exec);
        return search.execute(new ExecutableSearch.Attempt<IOException, TargetGoneException>() {
            @Override
            public Optional<Errno> execute(byte[] path, List<byte[]> argv) throws IOException, TargetGoneException {
                return exec.tryPath(path, argv, inheritance.environment());
            }
        });
    }

    private int optimise(PtraceTarget target, HelperProcess helper, MemoryComparison comparison) {
        long stopped = System.nanoTime();
        Optimiser optimiser = new Optimiser(target, arch, helper.conversation(), comparison, clock);
        Optional<PlanAnswer.Declined> shortfall;
        try {
            target.dieWithTracer(false);
            if (options.dryRun()) {
                helper.conversation().requestPlan(target.pid(), options.settings());
                PlanAnswer answer = helper.conversation().awaitPlan();
                target.kill();
                return show(answer);
            }
            shortfall = arch.matches(target.registers())
                    ? optimiser.optimise(options.settings())
                    : Optional.of(new PlanAnswer.Declined(false, "not a 64-bit program of this architecture"));
            if (options.strict() && isFailure(shortfall)) {
                target.kill();
                return refuse(reason(shortfall));
            }
            target.setSignalMask(inheritance.signalMask());
            target.detach();
        } catch (HelperFailedException e) {
            target.kill();
            return refuse(String.valueOf(e.getMessage()));
        } catch (TargetGoneException e) {
            return endLike(e);
        } catch (RollbackFailedException e) {
            target.kill();
            return refuse("the program was half-changed and has been killed: " + e.getMessage());
        } catch (RuntimeException e) {
            // A defect of ours or of the kernel's, at an unknown point: what state the target is in is anyone's guess.
            target.kill();
            return refuse("an unexpected failure, after which the program has been killed: " + e);
        }
        // From here on the program runs: nothing that goes wrong may touch it any more.
        long stopNanos = System.nanoTime() - stopped;
        clock.end("resume");
        tell(target.pid(), helper, optimiser.attempts(), shortfall, stopNanos);
        endHelper();
        leaveDescriptors();
        return new ProgramEnd(processes()).await(target.pid());
    }

    private void tell(
            int pid,
            HelperProcess helper,
            List<Attempt> attempts,
            Optional<PlanAnswer.Declined> shortfall,
            long stopNanos) {
        String reason = reason(shortfall);
        if (isFailure(shortfall) && !options.verbose()) {
            err.println("tracer: " + programName() + ": " + reason + "; the program runs without that");
        }
        boolean toldByRegions = false;
        for (Attempt attempt : attempts) {
            toldByRegions |= !attempt.swappedEverything();
        }
        List<String> notes = shortfall.isPresent() && !toldByRegions ? List.of(reason) : List.of();
        RunReport report = new RunReport(
                pid, programName(), outcome(attempts, shortfall), attempts, notes, clock.phases(), stopNanos);
        try {
            observer.observe(report, helper);
        } catch (RuntimeException e) {
            err.println("tracer: " + programName() + ": the report could not be made: " + e);
        }
    }

    private void leaveDescriptors() {
        err.flush();
        try {
            bequest().leaveDescriptors();
        } catch (IOException e) {
            err.println(
                    "tracer: " + programName() + ": its descriptors stay open in the tracer, too: " + e.getMessage());
        }
    }

    private static boolean isFailure(Optional<PlanAnswer.Declined> shortfall) {
        return shortfall.isPresent() && !shortfall.get().nothingToDo();
    }

    private static String reason(Optional<PlanAnswer.Declined> shortfall) {
        return shortfall.isPresent() ? shortfall.get().reason() : "";
    }

    private int endLike(TargetGoneException gone) {
        endHelper();
        return new ProgramEnd(processes()).end(gone.status());
    }

    /** Before this process ends, or becomes the program: the helper must not be left to either. */
    private void endHelper() {
        if (helper.isPresent()) {
            helper.get().close();
            helper = Optional.empty();
        }
    }

    private static String outcome(List<Attempt> attempts, Optional<PlanAnswer.Declined> shortfall) {
        if (shortfall.isEmpty()) {
            return "swapped";
        }
        for (Attempt attempt : attempts) {
            if (attempt.swappedSomething()) {
                return "partly-swapped";
            }
        }
        return shortfall.get().nothingToDo() ? "nothing-to-do" : "not-swapped";
    }

    private int show(PlanAnswer answer) {
        MessageWriter lines = new MessageWriter(out);
        try {
            if (answer instanceof PlanAnswer.Declined declined) {
                lines.send(new Message.Declined(declined.nothingToDo(), declined.reason()));
                return options.strict() && !declined.nothingToDo() ? refuse(declined.reason()) : 0;
            }
            lines.send(((PlanAnswer.Planned) answer).plan());
            return 0;
        } catch (IOException e) {
            return refuse("the plan cannot be written: " + e.getMessage());
        }
    }

    private int declineDryRun(boolean nothingToDo, String reason) {
        return show(new PlanAnswer.Declined(nothingToDo, reason));
    }

    private int leaveAlone(String reason) {
        observer.leftAlone(programName(), reason);
        return runPlain();
    }

    /** Fail open: says why and runs the program without us, unless strictness forbids it. */
    private int fallBack(String reason) {
        if (options.strict() || options.dryRun()) {
            return refuse(reason);
        }
        err.println("tracer: " + programName() + ": " + reason + "; the program runs without 2 MB pages");
        return runPlain();
    }

    private int refuse(String reason) {
        err.println("tracer: " + programName() + ": " + reason + "; the program was not run");
        return EXIT_OWN_FAILURE;
    }

    /** Becomes the program; returns only if that is impossible. */
    private int runPlain() {
        err.flush();
        endHelper();
        bequest().prepare();
        bequest().complete();
        BareStart start = bequest().bareStart(arch);
        Optional<Errno> refused = search.execute(new ExecutableSearch.Attempt<RuntimeException, RuntimeException>() {
            @Override
            public Optional<Errno> execute(byte[] path, List<byte[]> argv) {
                return Optional.of(processes().become(path, argv, inheritance.environment(), start));
            }
        });
        return notExecuted(refused.orElse(Errno.ENOENT));
    }

    private int notExecuted(Errno errno) {
        err.println("tracer: cannot run '" + programName() + "': " + errno.meaning() + hint(errno));
        return errno.equals(Errno.ENOENT) ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    }

    private String hint(Errno errno) {
        if (errno.equals(Errno.ENOENT)) {
            return programName().contains("/") ? "" : " (looked along PATH; give a path, or install it)";
        }
        if (errno.equals(Errno.EACCES)) {
            return new File(programName()).isDirectory() ? " (it is a directory)" : " (if it is a program: chmod +x)";
        }
        return "";
    }

    private void discard(int stub) {
        try {
            processes().kill(stub, SIGKILL);
            processes().await(stub, Processes.WAIT_ALL);
        } catch (SysException e) {
            err.println("tracer: the stub " + stub + " could not be ended: " + e.getMessage());
        }
    }

    private Bequest bequest() {
        if (bequest.isPresent()) {
            return bequest.get();
        }
        Bequest made = new Bequest(inheritance, processes(), new KeptByExec(library()));
        bequest = Optional.of(made);
        return made;
    }

    private NativeLibrary library() {
        return nativeCalls.library();
    }

    private Processes processes() {
        return nativeCalls.processes();
    }

    private String programName() {
        return new String(inheritance.argv().get(0), StandardCharsets.UTF_8);
    }
}
