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
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.Rehearsal;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.target.PtraceTarget;

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
    private final Launch launch;
    private final Place place;
    private final PlainRun plain;
    private final DryRun dryRun;
    private final ProgramStart start;
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
        this.launch = launch;
        ProgramExec exec = new ProgramExec(search, inheritance, launch.arch());
        this.place = holder.isPresent()
                ? new HeldPlace(launch, holder.get(), helperLauncher, exec, nativeCalls, messages, out)
                : new ChildPlace(launch, helperLauncher, search, nativeCalls, seccomp, messages);
        this.plain = new PlainRun(options, place, messages);
        this.dryRun = new DryRun(options, plain, out);
        this.start = new ProgramStart(exec, place, plain, messages);
        this.traced = new TracedRun(launch, place, plain, dryRun, messages);
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
                        options.wantsLibraries(),
                        options.following())
                .judge(search.candidates());
        clock.end("look at the file");
        if (judgement instanceof Judgement.NothingToDo nothing) {
            return nothingToDo(nothing.image(), "nothing to do: " + nothing.reason());
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
            return promising((Judgement.Promising) judgement);
        }
    }

    /** One that only may have something to do is followed if it turns out to have nothing. */
    private int promising(Judgement.Promising program) {
        Path image = program.image();
        Following following = options.following();
        if (!following.means(resolved(image))) {
            return notMeant(image);
        }
        if (following.seesThrough(program)) {
            return nothingToDo(image, "nothing to do: of " + image + " what it executes is meant, not its libraries");
        }
        if (options.dryRun() || !following.mayLeadOn(program)) {
            return traced(image, false, Optional.empty());
        }
        if (!options.settings().targets().includeLibraries()
                && program.objection().isPresent()) {
            // those that it loads later can wait until it is followed no more
            return traced(
                    image,
                    true,
                    Optional.of("nothing to do: " + program.objection().get()));
        }
        return traced(image, true, Optional.empty());
    }

    /** As the kernel will name it. */
    private static Path resolved(Path image) {
        try {
            return image.toRealPath();
        } catch (IOException e) {
            return image;
        }
    }

    private int notMeant(Path image) {
        return nothingToDo(image, "nothing to do: --only leaves out " + image);
    }

    /** Itself; it may be about to become, or to start, a program that has. */
    private int nothingToDo(Path image, String reason) {
        if (options.dryRun()) {
            return dryRun.decline(true, reason);
        }
        if (!options.following().includes(image)) {
            return leaveAlone(reason);
        }
        try (place) {
            return traced(image, true, Optional.of(reason));
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

    /**
     * Starts the helper first: it takes longest to be ready.
     *
     * @param isFollowed whether what it executes is meant, too
     * @param nothingToDo why it is only followed; empty if it is meant itself
     */
    private int traced(Path image, boolean isFollowed, Optional<String> nothingToDo) {
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
            if (nativeCalls.processes().hasFileCapabilities(image)) {
                String reason = image + " has file capabilities; traced, it would lose them";
                return options.strict() ? plain.refuse(reason) : leaveUntraced(reason);
            }
            clock.end("native calls");
            return isFollowed ? follow(helper, yama, verdict, nothingToDo) : launch(helper, yama, verdict);
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
        place.hold();
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
            return start.withdraw(e);
        }
        try (MemoryComparison comparison = new MemoryComparison(nativeCalls.library(), target.pid())) {
            Optional<Integer> ended = start.begin(target);
            if (ended.isPresent()) {
                return ended.get();
            }
            clock.end("exec stop");
            HeldProgram program = new HeldProgram(launch, target, helper, yama, verdict, comparison, memory, clock);
            LaterWork later =
                    new LaterWork(launch, nativeCalls, memory, helper, yama, verdict.settings(options.settings()));
            return traced.run(program, later);
        }
    }

    private int follow(HelperProcess helper, Yama yama, SeccompTrial.Verdict verdict, Optional<String> nothingToDo)
            throws UntraceableException {
        return new FollowedRun(
                        launch, place, start, dryRun, memory, nativeCalls, messages, helper, yama, verdict, nothingToDo)
                .launch();
    }
}
