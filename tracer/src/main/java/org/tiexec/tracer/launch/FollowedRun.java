package org.tiexec.tracer.launch;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.tracer.follow.Audience;
import org.tiexec.tracer.follow.Followed;
import org.tiexec.tracer.follow.Follower;
import org.tiexec.tracer.follow.Privileges;
import org.tiexec.tracer.follow.Reach;
import org.tiexec.tracer.follow.TimedLook;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.program.Judgement;
import org.tiexec.tracer.program.PrivilegedFile;
import org.tiexec.tracer.program.ProgramJudge;
import org.tiexec.tracer.swap.PhaseClock;
import org.tiexec.tracer.swap.Rehearsal;
import org.tiexec.tracer.sys.MemoryComparison;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A program that has nothing to do itself, and is followed to those that have.
 *
 * <p>It is traced by a thread that ends when following does: those who run then go on undisturbed, without us.
 */
final class FollowedRun implements Runnable, Audience {
    private static final File ROOT = new File("/");
    private static final long MOMENT_MILLIS = 1;

    private final Launch launch;
    private final Place place;
    private final ProgramStart start;
    private final DryRun dryRun;
    private final MemoryRoom memory;
    private final NativeCalls nativeCalls;
    private final LaunchMessages messages;
    private final HelperProcess helper;
    private final Yama yama;
    private final SeccompTrial.Verdict verdict;
    private final LaterWork later;
    private final ProgramJudge judge;
    private final boolean isMeantItself;
    private LaunchMessages about;
    private String nothingToDo;
    private int thread;
    private boolean foundSomething;
    private boolean isOutOfReach;
    private boolean heardHelper;
    private Optional<Integer> status = Optional.empty();
    private Optional<PtraceTarget> left = Optional.empty();
    private Optional<UntraceableException> untraceable = Optional.empty();

    /**
     * Prepares to follow.
     *
     * @param helper not heard of yet
     * @param nothingToDo why that program itself is left as it is; empty if it is to be held as well
     */
    FollowedRun(
            Launch launch,
            Place place,
            ProgramStart start,
            DryRun dryRun,
            MemoryRoom memory,
            NativeCalls nativeCalls,
            LaunchMessages messages,
            HelperProcess helper,
            Yama yama,
            SeccompTrial.Verdict verdict,
            Optional<String> nothingToDo) {
        this.launch = launch;
        this.place = place;
        this.start = start;
        this.dryRun = dryRun;
        this.memory = memory;
        this.nativeCalls = nativeCalls;
        this.messages = messages;
        this.helper = helper;
        this.yama = yama;
        this.verdict = verdict;
        Settings settings = launch.options().settings();
        this.later = new LaterWork(launch, nativeCalls, memory, helper, yama, verdict.settings(settings));
        this.judge = new ProgramJudge(
                settings.strategy(),
                settings.targets().includeExecutable(),
                settings.targets().includeLibraries(),
                launch.options().following());
        this.about = messages;
        this.isMeantItself = nothingToDo.isEmpty();
        this.nothingToDo = nothingToDo.orElse("");
    }

    /**
     * Launches the program and follows it.
     *
     * @return the exit status for this process
     * @throws UntraceableException if it cannot be traced; it has not been run
     */
    int launch() throws UntraceableException {
        place.prepare();
        Thread tracing = new Thread(this, "tracing");
        tracing.start();
        rehearse();
        awaitEnd(tracing);
        if (untraceable.isPresent()) {
            throw untraceable.get();
        }
        if (status.isPresent()) {
            return status.get();
        }
        sayIfNothing();
        PtraceTarget target = left.orElseThrow();
        return place.follow(target, watch(target.pid()));
    }

    /** Who runs now, followed no more, may be the one that loads libraries. */
    private Optional<LibraryWatch> watch(int pid) {
        if (isOutOfReach || launch.options().dlopen().isEmpty()) {
            return Optional.empty();
        }
        try {
            hearHelper();
        } catch (HelperFailedException e) {
            messages.warn("--dlopen is not possible: " + e.getMessage());
            return Optional.empty();
        }
        return later.watch(pid, List.of(), about);
    }

    /** Nobody waits for this thread: what the program is meant for will find the classes loaded. */
    private void rehearse() {
        try {
            Rehearsal.run();
        } catch (RuntimeException | Error e) {
            messages.warn("the rehearsal has failed: " + e);
        }
    }

    /** Until the kernel, too, has done with the thread: only then nobody is traced any more. */
    private void awaitEnd(Thread tracing) {
        boolean interrupted = false;
        Path entry = Path.of("/proc/self/task");
        while (tracing.isAlive() || Files.exists(entry.resolve(Integer.toString(thread)))) {
            try {
                if (tracing.isAlive()) {
                    tracing.join();
                } else {
                    Thread.sleep(MOMENT_MILLIS);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The tracing thread's own work. */
    @Override
    public void run() {
        thread = nativeCalls.processes().ownThread();
        PtraceTarget target;
        try {
            place.hold();
            if (isMeantItself) {
                // So that the program itself stands still no longer than need be.
                hearHelper();
            }
            target = place.take();
        } catch (UntraceableException e) {
            untraceable = Optional.of(e);
            return;
        } catch (HelperFailedException | RuntimeException | Error e) {
            status = Optional.of(start.withdraw(e));
            return;
        }
        status = start.begin(target);
        if (status.isEmpty()) {
            follow(target);
        }
    }

    private void follow(PtraceTarget target) {
        left = Optional.of(target);
        try {
            place.run(target);
            Following following = launch.options().following();
            Follower follower = new Follower(
                    nativeCalls.library(),
                    nativeCalls.processes(),
                    following.reach(),
                    Privileges.read(ROOT, launch.arch(), new PrivilegedFile(nativeCalls)),
                    this,
                    place.isBoundToProgram());
            Followed followed = follower.follow(target, isMeantItself, following.deadline(System.nanoTime()));
            if (followed instanceof Followed.Ended ended && status.isEmpty()) {
                status = Optional.of(place.endLike(ended.status()));
            }
        } catch (TargetGoneException e) {
            status = Optional.of(place.endLike(e.status()));
        } catch (RuntimeException | Error e) {
            // The end of this thread lets go of whoever is followed.
            messages.warn("following it has failed: " + e);
        }
    }

    @Override
    public Decision executed(int pid) {
        Optional<Judgement> judgement = helper.conversation().hasFailed() ? Optional.empty() : judgement(pid);
        if (judgement.isPresent() && judgement.get() instanceof Judgement.NothingToDo nothing) {
            about = about(nothing.image());
            // What would not become another one has nothing to wait for.
            return launch.options().following().includes(nothing.image()) ? Decision.FOLLOW : Decision.LET_GO;
        }
        if (judgement.isPresent() && judgement.get() instanceof Judgement.Promising promising) {
            about = about(promising.image());
            Following following = launch.options().following();
            return following.means(promising.image()) && !following.seesThrough(promising)
                    ? Decision.HOLD
                    : Decision.FOLLOW;
        }
        isOutOfReach = true;
        return Decision.LET_GO;
    }

    /**
     * What is to be thought of a program; nothing of one that gets privileges, or never will, by capabilities, nor of one
     * whose file cannot be read in time.
     */
    private Optional<Judgement> judgement(int pid) {
        return TimedLook.at(new TimedLook.Question<Judgement>() {
            @Override
            public Optional<Judgement> ask() {
                Judgement judgement = judge.judgeRunning(pid);
                Path executed = Path.of("/proc/" + pid + "/exe");
                return judgement instanceof Judgement.Promising
                                && nativeCalls.processes().hasFileCapabilities(executed)
                        ? Optional.empty()
                        : Optional.of(judgement);
            }
        });
    }

    private LaunchMessages about(Path image) {
        return new LaunchMessages(image.toString().getBytes(StandardCharsets.UTF_8), messages.stream());
    }

    @Override
    public Taken take(PtraceTarget target) throws TargetGoneException {
        try {
            hearHelper();
        } catch (HelperFailedException e) {
            // The question that comes next fails for the same reason, and tells it.
            heardHelper = true;
        }
        try (MemoryComparison comparison = new MemoryComparison(nativeCalls.library(), target.pid())) {
            boolean inTree = launch.options().following().reach() == Reach.TREE;
            PhaseClock clock = inTree ? new PhaseClock(System.nanoTime()) : launch.clock();
            HeldProgram program = new HeldProgram(launch, target, helper, yama, verdict, comparison, memory, clock);
            boolean foundBefore = foundSomething;
            // Also if it ends meanwhile, which speaks for itself.
            foundSomething = true;
            Taken taken = inTree ? new Descendant(launch, about).bring(program, later) : run(program);
            foundSomething = foundBefore || taken == Taken.OVER;
            if (nothingToDo.isEmpty()) {
                nothingToDo = program.shortfall();
            }
            return taken;
        }
    }

    private Taken run(HeldProgram program) {
        launch.clock().end("follow");
        PlainRun itsPlain = new PlainRun(launch.options(), place, about);
        status = new TracedRun(launch, place, itsPlain, dryRun, about).runIfWorthIt(program, later);
        if (status.isPresent()) {
            return Taken.OVER;
        }
        return program.isElsewhere() ? Taken.EXECUTED : Taken.UNCHANGED;
    }

    /** It started with us, and is waited for by the first who needs it. */
    private void hearHelper() throws HelperFailedException {
        if (!heardHelper) {
            helper.awaitHello();
            heardHelper = true;
        }
    }

    @Override
    public void rootEnds() {
        isOutOfReach = true;
        sayIfNothing();
        place.fallSilent();
    }

    private void sayIfNothing() {
        if (!foundSomething) {
            foundSomething = true;
            launch.observer().leftAlone(messages.programName(), nothingToDo + "; nor had what it executed");
        }
    }
}
