package org.tiexec.tracer.session;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.program.ExecutableSearch;
import org.tiexec.tracer.program.Judgement;
import org.tiexec.tracer.program.ProgramJudge;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.signal.SignalForwarder;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.Stub;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * One launch, from the judgement of the program's file to the program's end.
 *
 * <p>Whatever goes wrong on our side, the program runs as if we were not there, unless strictness was asked for. All of
 * it happens on the calling thread, which owns ptrace.
 */
public final class LaunchSession {
    /** Our own failure ({@code env(1)}). */
    public static final int EXIT_OWN_FAILURE = 125;

    private static final int SIGKILL = 9;
    private static final File ROOT = new File("/");

    /** The helper takes 50 MB at its peak, both JVMs 94; the rest is for the program to begin with. */
    private static final long ROOM_TO_START = 128L << 20;

    private final LaunchOptions options;
    private final Inheritance inheritance;
    private final Path helperLauncher;
    private final Architecture arch;
    private final RunObserver observer;
    private final PrintStream err;
    private final PhaseClock clock;
    private final ExecutableSearch search;
    private final NativeCalls nativeCalls = new NativeCalls();
    private final Attendants attendants = new Attendants();
    private final MemoryRoom memory = new MemoryRoom(new File("/"));
    private final SeccompTrial seccomp;
    private final Bequest bequest;
    private final PlainRun plain;
    private final DryRun dryRun;
    private final TracedRun traced;

    /**
     * Prepares a launch.
     *
     * @param launch what it is about
     * @param helperLauncher the command that starts the helper
     * @param out for the plan of a dry run; otherwise the program's own
     */
    public LaunchSession(Launch launch, Path helperLauncher, PrintStream out) {
        this.options = launch.options();
        this.inheritance = launch.inheritance();
        this.helperLauncher = helperLauncher;
        this.arch = launch.arch();
        this.observer = launch.observer();
        this.err = launch.err();
        this.clock = launch.clock();
        this.search = new ExecutableSearch(inheritance.argv(), inheritance.environment());
        this.seccomp = new SeccompTrial(nativeCalls, arch);
        this.bequest = new Bequest(inheritance, nativeCalls, seccomp);
        this.plain = new PlainRun(launch, bequest, search, nativeCalls, attendants);
        this.dryRun = new DryRun(options, plain, out);
        this.traced = new TracedRun(
                launch, bequest, attendants, new ProgramEnd(nativeCalls, attendants), plain, dryRun, memory);
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
            return options.dryRun() ? dryRun.decline(true, reason) : leaveAlone(reason);
        }
        if (judgement instanceof Judgement.Unsuitable unsuitable) {
            if (options.dryRun()) {
                return dryRun.decline(false, unsuitable.reason());
            }
            return options.strict() ? plain.refuse(unsuitable.reason()) : leaveAlone(unsuitable.reason());
        }
        if (judgement instanceof Judgement.NotFound) {
            return options.dryRun() ? plain.notExecuted(Errno.ENOENT) : plain.become();
        }
        try (attendants) {
            return promising(((Judgement.Promising) judgement).image());
        }
    }

    private int leaveAlone(String reason) {
        observer.leftAlone(plain.programName(), reason);
        return plain.become();
    }

    /** Starts the helper first: it takes longest to be ready. */
    private int promising(Path image) {
        Yama yama = Yama.read(ROOT);
        if (yama.objection().isPresent()) {
            return plain.fallBack(yama.objection().get());
        }
        Optional<String> shortage = memory.shortage(ROOM_TO_START, "the start of a JVM and the program");
        if (shortage.isPresent()) {
            return plain.fallBack(shortage.get());
        }
        try {
            HelperProcess helper = attendants.startHelper(helperLauncher, options.timeout());
            clock.end("start helper");
            SeccompTrial.Verdict verdict = seccomp.of(options.settings().backing());
            if (verdict.usable().isEmpty()) {
                return plain.fallBack(verdict.reason());
            }
            if (processes().hasExtendedAttribute(image, "security.capability")) {
                String reason = image + " has file capabilities; traced, it would lose them";
                return options.strict() ? plain.refuse(reason) : leaveAlone(reason);
            }
            clock.end("native calls");
            return launch(helper, yama, verdict);
        } catch (HelperFailedException e) {
            return plain.fallBack(String.valueOf(e.getMessage()));
        }
    }

    private int launch(HelperProcess helper, Yama yama, SeccompTrial.Verdict verdict) {
        int stub;
        try {
            bequest.prepare();
            stub = Stub.spawn(processes());
        } catch (SysException e) {
            return plain.fallBack(String.valueOf(e.getMessage()));
        }
        Optional<Integer> witness = inheritance.signalsArePending()
                ? SignalForwarder.spawnWitness(processes(), inheritance.descriptors())
                : Optional.empty();
        PtraceTarget target;
        try {
            target = PtraceTarget.seize(library(), processes(), stub);
            if (inheritance.signalsArePending()) {
                attendants.add(SignalForwarder.start(library(), arch, target, inheritance.descriptors(), witness, err));
            }
        } catch (TargetGoneException e) {
            witness.ifPresent(this::discard);
            return plain.fallBack("cannot trace: " + e.getMessage());
        } catch (SysException e) {
            discard(stub);
            witness.ifPresent(this::discard);
            return plain.fallBack("cannot trace: " + e.getMessage()
                    + "; is it traced already (strace, gdb), or is ptrace forbidden here (a container)");
        } catch (RuntimeException | Error e) {
            // Above all where no further thread can be had. The stub ends with us or by itself.
            discard(stub);
            witness.ifPresent(this::discard);
            return plain.fallBack("cannot watch for signals: " + e);
        }
        clock.end("stub");
        try (MemoryComparison comparison = new MemoryComparison(library(), target.pid())) {
            Optional<Errno> refused;
            try {
                refused = becomeProgram(target, helper);
            } catch (TargetGoneException e) {
                return traced.endLike(e);
            } catch (IOException | HelperFailedException | RuntimeException | Error e) {
                Optional<WaitStatus> killed = target.end();
                if (killed.isPresent()) {
                    return traced.endLike(killed.get());
                }
                target.kill();
                return plain.fallBack(e.getMessage() == null ? e.toString() : e.getMessage());
            }
            if (refused.isPresent()) {
                target.kill();
                return plain.notExecuted(refused.get());
            }
            clock.end("exec stop");
            return traced.run(target, helper, yama, verdict, comparison);
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
        bequest.complete(stub.pid(), exec);
        return search.execute(new ExecutableSearch.Attempt<IOException, TargetGoneException>() {
            @Override
            public Optional<Errno> execute(byte[] path, List<byte[]> argv) throws IOException, TargetGoneException {
                return exec.tryPath(path, argv, inheritance.environment());
            }
        });
    }

    private void discard(int stub) {
        try {
            processes().kill(stub, SIGKILL);
            processes().await(stub, Processes.WAIT_ALL);
        } catch (SysException e) {
            err.println("tracer: the stub " + stub + " could not be ended: " + e.getMessage());
        }
    }

    private NativeLibrary library() {
        return nativeCalls.library();
    }

    private Processes processes() {
        return nativeCalls.processes();
    }
}
