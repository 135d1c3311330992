package org.tiexec.tracer.launch;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.program.ExecutableSearch;
import org.tiexec.tracer.program.Judgement;
import org.tiexec.tracer.program.ProgramJudge;
import org.tiexec.tracer.remote.IdentityRefusedException;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.Rehearsal;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.target.PtraceTarget;
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

    private static final File ROOT = new File("/");

    /** The helper takes 50 MB at its peak, both JVMs 84; the rest is for the program to begin with. */
    private static final long ROOM_TO_START = 128L << 20;

    private final LaunchOptions options;
    private final RunObserver observer;
    private final PhaseClock clock;
    private final ExecutableSearch search;
    private final LaunchMessages messages;
    private final NativeCalls nativeCalls = new NativeCalls();
    private final MemoryRoom memory = new MemoryRoom(ROOT);
    private final SeccompTrial seccomp;
    private final boolean asSomebodyElse;
    private final ProgramExec exec;
    private final Place place;
    private final PlainRun plain;
    private final DryRun dryRun;
    private final TracedRun traced;

    /**
     * Prepares a launch.
     *
     * @param launch what it is about
     * @param holder the process that is to become the program, unless it is to be a child of this one
     * @param helperLauncher the command that starts the helper
     * @param out for the plan of a dry run, or where a holder reads our word; otherwise the program's own
     */
    public LaunchSession(Launch launch, Optional<Holder> holder, Path helperLauncher, PrintStream out) {
        this.options = launch.options();
        this.observer = launch.observer();
        this.clock = launch.clock();
        Inheritance inheritance = launch.inheritance();
        this.search = new ExecutableSearch(inheritance.argv(), inheritance.environment());
        this.messages = new LaunchMessages(inheritance.argv().get(0), launch.err());
        this.seccomp = new SeccompTrial(nativeCalls, launch.arch());
        this.asSomebodyElse = inheritance.identity().isPresent();
        this.exec = new ProgramExec(search, inheritance, launch.arch());
        this.place = holder.isPresent()
                ? new HeldPlace(launch, holder.get(), helperLauncher, exec, nativeCalls, messages, out)
                : new ChildPlace(launch, helperLauncher, search, nativeCalls, seccomp, messages);
        this.plain = new PlainRun(options, place, messages);
        this.dryRun = new DryRun(options, plain, out);
        this.traced = new TracedRun(launch, place, plain, dryRun, memory, messages, nativeCalls);
    }

    /** Is told what a launch did. */
    public interface RunObserver {
        /** Takes what was done while the program still stands at its first instruction. */
        void done(RunReport report);

        /**
         * Takes the same once the program runs.
         *
         * @param helper still there to answer questions
         */
        void runs(RunReport report, HelperProcess helper);

        /** Takes the reason why a program was left to itself from the start. */
        void leftAlone(String program, String reason);
    }

    /**
     * Launches the program and waits for its end.
     *
     * @return the exit status for this process; does not return where this process becomes the program
     */
    public int run() {
        if (asSomebodyElse) {
            Optional<String> objection = seccomp.objectionToIdentities();
            if (objection.isPresent()) {
                return plain.refuse(objection.get());
            }
        }
        Judgement judgement = new ProgramJudge(
                        options.settings().strategy(),
                        options.settings().targets().includeExecutable(),
                        options.wantsLibraries())
                .judge(search.candidates());
        clock.end("look at the file");
        if (judgement instanceof Judgement.NothingToDo nothing) {
            String reason = "nothing to do: " + nothing.reason();
            return options.dryRun() ? dryRun.decline(true, reason) : leaveAlone(reason);
        }
        if (judgement instanceof Judgement.Unsuitable unsuitable) {
            if (options.dryRun()) {
                return dryRun.decline(false, unsuitable.reason());
            }
            return options.strict() ? plain.refuse(unsuitable.reason()) : leaveUntraced(unsuitable.reason());
        }
        try (place) {
            if (judgement instanceof Judgement.NotFound) {
                return options.dryRun() ? messages.notExecuted(Errno.ENOENT) : place.runPlain();
            }
            return promising(((Judgement.Promising) judgement).image());
        }
    }

    private int leaveAlone(String reason) {
        observer.leftAlone(messages.programName(), reason);
        return place.runPlain();
    }

    /** What would lose its privileges if it were traced. */
    private int leaveUntraced(String reason) {
        observer.leftAlone(messages.programName(), reason);
        return place.runUntraced();
    }

    /** Starts the helper first: it takes longest to be ready. */
    private int promising(Path image) {
        Yama yama = Yama.read(ROOT);
        if (yama.objection().isPresent()) {
            return plain.fallBackUntraced(yama.objection().get());
        }
        Optional<String> shortage = memory.shortage(ROOM_TO_START, "the start of a JVM and the program");
        if (shortage.isPresent()) {
            return plain.fallBack(shortage.get());
        }
        try {
            HelperProcess helper = place.helper();
            clock.end("start helper");
            SeccompTrial.Verdict verdict = seccomp.of(options.settings().backing());
            if (verdict.usable().isEmpty()) {
                return plain.fallBackUntraced(verdict.reason());
            }
            if (nativeCalls.processes().hasExtendedAttribute(image, "security.capability")) {
                String reason = image + " has file capabilities; traced, it would lose them";
                return options.strict() ? plain.refuse(reason) : leaveUntraced(reason);
            }
            clock.end("native calls");
            return launch(helper, yama, verdict);
        } catch (HelperFailedException e) {
            return plain.fallBack(String.valueOf(e.getMessage()));
        } catch (LinkageError e) {
            return plain.fallBack("native calls cannot be made: " + e.getMessage());
        } catch (UntraceableException e) {
            return e.isOver() ? 0 : plain.fallBack(String.valueOf(e.getMessage()));
        }
    }

    private int launch(HelperProcess helper, Yama yama, SeccompTrial.Verdict verdict) throws UntraceableException {
        place.prepare();
        clock.end("stub");
        PtraceTarget target;
        try {
            // The program's process waits for the helper, so that the program itself stands still no longer than need
            // be.
            Rehearsal.run();
            clock.end("rehearsal");
            helper.awaitHello();
            clock.end("helper ready");
            target = place.take();
        } catch (HelperFailedException | RuntimeException | Error e) {
            Optional<WaitStatus> killed = place.withdraw();
            return killed.isPresent() ? place.endLike(killed.get()) : plain.fallBack(reason(e));
        }
        try (MemoryComparison comparison = new MemoryComparison(nativeCalls.library(), target.pid())) {
            Optional<Errno> refused;
            try {
                refused = exec.in(target, place);
            } catch (TargetGoneException e) {
                return traced.endLike(e);
            } catch (IOException | RuntimeException | Error e) {
                Optional<WaitStatus> killed = target.end();
                if (killed.isPresent()) {
                    return place.endLike(killed.get());
                }
                String reason = reason(e);
                if (e instanceof IdentityRefusedException) {
                    return plain.refuse(target, reason);
                }
                return place.abandon(target) ? plain.fallBack(reason) : plain.refuse(target, reason);
            }
            if (refused.isPresent()) {
                return place.end(target, messages.notExecuted(refused.get()));
            }
            clock.end("exec stop");
            return traced.run(target, helper, yama, verdict, comparison);
        }
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
