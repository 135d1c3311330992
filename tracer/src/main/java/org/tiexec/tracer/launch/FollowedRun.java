package org.tiexec.tracer.launch;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.tiexec.tracer.follow.Audience;
import org.tiexec.tracer.follow.Followed;
import org.tiexec.tracer.follow.Follower;
import org.tiexec.tracer.follow.Privileges;
import org.tiexec.tracer.follow.Reach;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.obstacle.Yama;
import org.tiexec.tracer.program.Judgement;
import org.tiexec.tracer.program.PrivilegedFile;
import org.tiexec.tracer.program.ProgramJudge;
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
    private static final String CAPABILITIES = "security.capability";
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
    private final String nothingToDo;
    private final ProgramJudge judge = new ProgramJudge();
    private Path executable = Path.of("");
    private int thread;
    private boolean foundSomething;
    private boolean heardHelper;
    private Optional<Integer> status = Optional.empty();
    private Optional<PtraceTarget> left = Optional.empty();
    private Optional<UntraceableException> untraceable = Optional.empty();

    /**
     * Prepares to follow.
     *
     * @param helper not heard of yet
     * @param nothingToDo why the program itself is left as it is
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
            String nothingToDo) {
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
        this.nothingToDo = nothingToDo;
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
        return place.follow(left.orElseThrow());
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
            target = place.take();
        } catch (UntraceableException e) {
            untraceable = Optional.of(e);
            return;
        } catch (RuntimeException | Error e) {
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
            Followed followed = follower.follow(target, following.deadline(System.nanoTime()));
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
        if (helper.conversation().hasFailed()) {
            return Decision.LET_GO;
        }
        Judgement judgement = judge.judgeRunning(pid);
        if (judgement instanceof Judgement.NothingToDo) {
            return Decision.FOLLOW;
        }
        if (!(judgement instanceof Judgement.Promising promising) || hasCapabilities(pid)) {
            return Decision.LET_GO;
        }
        executable = promising.image();
        return launch.options().following().means(executable) ? Decision.HOLD : Decision.FOLLOW;
    }

    /** It has got them, or never will: either way it is not for us. */
    private boolean hasCapabilities(int pid) {
        return nativeCalls.processes().hasExtendedAttribute(Path.of("/proc/" + pid + "/exe"), CAPABILITIES);
    }

    @Override
    public void take(PtraceTarget target) {
        foundSomething = true;
        launch.clock().end("follow");
        hearHelper();
        LaunchMessages about =
                new LaunchMessages(executable.toString().getBytes(StandardCharsets.UTF_8), messages.stream());
        try (MemoryComparison comparison = new MemoryComparison(nativeCalls.library(), target.pid())) {
            if (launch.options().following().reach() == Reach.TREE) {
                new Descendant(launch, memory, about).bring(target, helper, yama, verdict, comparison);
            } else {
                PlainRun itsPlain = new PlainRun(launch.options(), place, about);
                status = Optional.of(new TracedRun(launch, place, itsPlain, dryRun, memory, about)
                        .run(target, helper, yama, verdict, comparison));
            }
        }
    }

    /** It started with us, and is waited for by the first who needs it. */
    private void hearHelper() {
        if (heardHelper) {
            return;
        }
        heardHelper = true;
        try {
            helper.awaitHello();
        } catch (HelperFailedException e) {
            // The question that comes next fails for the same reason, and tells it.
            return;
        }
    }

    @Override
    public void rootEnds() {
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
