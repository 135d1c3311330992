package org.tiexec.tracer.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SignalSets;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.remote.IdentityRefusedException;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.remote.RemoteExit;
import org.tiexec.tracer.sys.BareStart;
import org.tiexec.tracer.sys.KeptByExec;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * The program in the process that the user has started: a shell holds it and waits for our word, we are nobody's child.
 *
 * <p>While nothing has been said, our death is the word: the shell then becomes the program itself.
 */
final class HeldPlace implements Place {
    /** All signals but those that nobody can block or that belong to the C library (9, 19; 32, 33). */
    private static final long ALL_BLOCKED = 0xffff_fffe_7ffb_feffL;

    private static final int SIGKILL = 9;
    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int ERRORS = 2;
    private static final int LAST_OF_SHELL = 9;

    private static final long PATIENCE_NANOS = 2_000_000_000L;
    private static final long MOMENT_MILLIS = 1;
    private static final long BEFORE_ARCHIVES_MILLIS = 1000;
    private static final byte[] PREPARE = {'p', 'r', 'e', 'p', 'a', 'r', 'e'};

    private final Inheritance inheritance;
    private final Holder holder;
    private final Path helperLauncher;
    private final Duration timeout;
    private final Optional<PrintStream> protocolLog;
    private final Architecture arch;
    private final ProgramExec exec;
    private final NativeCalls nativeCalls;
    private final LaunchMessages messages;
    private final PrintStream word;
    private Optional<HelperProcess> helper = Optional.empty();
    private boolean emptied;
    private boolean leftDescriptors;

    /**
     * A place that is being held.
     *
     * @param word what is printed here, the holder reads
     */
    HeldPlace(
            Launch launch,
            Holder holder,
            Path helperLauncher,
            ProgramExec exec,
            NativeCalls nativeCalls,
            LaunchMessages messages,
            PrintStream word) {
        this.inheritance = launch.inheritance();
        this.holder = holder;
        this.helperLauncher = helperLauncher;
        this.timeout = launch.options().timeout();
        this.protocolLog = launch.protocolLog();
        this.arch = launch.arch();
        this.exec = exec;
        this.nativeCalls = nativeCalls;
        this.messages = messages;
        this.word = word;
    }

    @Override
    public HelperProcess helper() throws HelperFailedException {
        HelperProcess started = HelperProcess.inherited(
                helperLauncher,
                holder.helper(),
                holder.toHelper(),
                holder.helperErrors(),
                timeout,
                protocolLog,
                new Runnable() {
                    @Override
                    public void run() {
                        endHelper();
                    }
                });
        helper = Optional.of(started);
        return started;
    }

    /** A helper that has failed may hang, and is nobody's child. It leads a session of its own, with all that it has started. */
    private void endHelper() {
        int pid = helper.isPresent() ? helper.get().pid() : holder.helper();
        Optional<ProcessState> state = ProcessState.of(pid);
        // its number may be another process's by now
        if (state.isEmpty() || state.get().session() != holder.helper()) {
            return;
        }
        try {
            nativeCalls.processes().kill(-holder.helper(), SIGKILL);
            // until its memory is gone, and with it all that it might do
            while (Files.exists(Path.of("/proc/" + pid + "/exe"))) {
                pause(MOMENT_MILLIS);
            }
        } catch (SysException e) {
            // It is gone already.
            return;
        }
    }

    @Override
    public void prepare() {
        // the process is there
    }

    @Override
    public void hold() {
        // it is taken at once
    }

    @Override
    public PtraceTarget take() throws UntraceableException {
        try {
            return seize();
        } catch (SysException e) {
            // A parent may trace where others may not.
            say("child");
            throw UntraceableException.handedOn(e);
        }
    }

    /** Fails if the process is no longer there: whoever has ended it has ended the launch. */
    private PtraceTarget seize() throws UntraceableException {
        try {
            awaitHolder();
            PtraceTarget target =
                    PtraceTarget.seizeGently(nativeCalls.library(), nativeCalls.processes(), holder.pid());
            if (!holds()) {
                target.detach();
                throw new UntraceableException("cannot trace: process " + holder.pid() + " is another one by now");
            }
            endWatchman();
            return target;
        } catch (IOException | TargetGoneException e) {
            throw ProcessState.hasEnded(holder.pid())
                    ? UntraceableException.ended(holder.pid())
                    : new UntraceableException("cannot trace: " + e.getMessage());
        }
    }

    /** It may still be on its way to where it waits with all signals blocked. */
    private void awaitHolder() throws IOException, UntraceableException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!holds() || !blocksAll()) {
            if (System.nanoTime() > deadline) {
                throw new UntraceableException("cannot trace: process " + holder.pid() + " is not ready for it");
            }
            pause(MOMENT_MILLIS);
        }
    }

    /** Nobody but the holder reads what we write. */
    private boolean holds() throws IOException {
        return link("/proc/" + holder.pid() + "/fd/" + INPUT).equals(link("/proc/self/fd/" + OUTPUT));
    }

    private boolean blocksAll() throws IOException {
        try {
            byte[] status = Files.readAllBytes(Path.of("/proc/" + holder.pid() + "/status"));
            return (new SignalSets(status).blocked() & ALL_BLOCKED) == ALL_BLOCKED;
        } catch (ProcFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static String link(String path) throws IOException {
        return Files.readSymbolicLink(Path.of(path)).toString();
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From here on every wait of ours has a deadline of its own. */
    private void endWatchman() {
        if (holder.watchman() > 0 && nativeCalls.processes().parentPid() == holder.watchman()) {
            nativeCalls.processes().kill(holder.watchman(), SIGKILL);
        }
    }

    @Override
    public void bequeath(PtraceTarget target, RemoteExec exec) throws IOException, TargetGoneException {
        exec.ignoreSignals(inheritance.ignoredSignals());
        emptied = true;
        if (inheritance.descriptors().contains(INPUT)) {
            exec.moveDescriptor(holder.input(), INPUT);
        }
        exec.closeDescriptorsBut(inheritance.descriptors());
    }

    @Override
    public boolean abandon(PtraceTarget target) {
        if (emptied) {
            // It no longer has what it waits with.
            return false;
        }
        target.detach();
        return true;
    }

    @Override
    public Optional<WaitStatus> withdraw() {
        return Optional.empty();
    }

    /** It begins with just what it should if we put it into its process; the holder can only do nearly as well. */
    @Override
    public int runPlain() {
        PtraceTarget target;
        try {
            target = seize();
        } catch (UntraceableException | RuntimeException | Error e) {
            return runUntraced();
        }
        try {
            Optional<Errno> refused = exec.in(target, this);
            if (refused.isPresent()) {
                return end(target, messages.notExecuted(refused.get()));
            }
            target.detach();
            return follow(target, Optional.empty());
        } catch (TargetGoneException e) {
            return endLike(e.status());
        } catch (IdentityRefusedException e) {
            return end(target, messages.notRun(String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException | Error e) {
            return abandon(target) ? runUntraced() : end(target, messages.notRun(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public int runUntraced() {
        return say("plain");
    }

    @Override
    public int end(int status) {
        return say("exit " + status);
    }

    private int say(String what) {
        word.println(what);
        word.flush();
        return 0;
    }

    @Override
    public int end(PtraceTarget target, int status) {
        try {
            RemoteExit.exit(target, arch, status);
        } catch (IOException | SysException e) {
            target.kill();
        } catch (TargetGoneException e) {
            // as it should be
            return 0;
        }
        return 0;
    }

    @Override
    public int endLike(WaitStatus status) {
        return end();
    }

    @Override
    public void release(PtraceTarget target) {
        target.detach();
    }

    @Override
    public void admitSignals(PtraceTarget target) {
        // They are sent to its own process.
    }

    @Override
    public void run(PtraceTarget target) {
        giveUp(keptOpen());
    }

    @Override
    public boolean isBoundToProgram() {
        return false;
    }

    @Override
    public void fallSilent() {
        messages.flush();
        giveUp(Set.of(ERRORS));
    }

    @Override
    public int follow(PtraceTarget target, Optional<LibraryWatch> watch) {
        giveUp(keptOpen());
        if (watch.isPresent()) {
            // what is done is told
            while (watch.get().look()) {
                pause(LibraryWatch.PAUSE_MILLIS);
            }
        }
        fallSilent();
        return end();
    }

    /** Whoever waits at the other end of a pipe is to see when the program closes it. */
    private void giveUp(Set<Integer> descriptors) {
        try {
            new KeptByExec(nativeCalls.library()).giveUp(descriptors);
        } catch (IOException e) {
            messages.warn("its descriptors stay open in the tracer for a moment: " + e.getMessage());
        }
    }

    private int end() {
        close();
        if (!holder.awaitsArchive()) {
            if (holder.preparer().isPresent()) {
                prepareArchives(holder.preparer().get());
            }
            nativeCalls.processes().exitNow(0);
        }
        return 0;
    }

    /** Becomes the command that makes them. That is work for two seconds: not while the program starts. */
    private void prepareArchives(String launcher) {
        pause(BEFORE_ARCHIVES_MILLIS);
        try {
            new KeptByExec(nativeCalls.library()).giveUp(Set.of(INPUT, OUTPUT, ERRORS));
        } catch (IOException e) {
            // It may say something to whoever reads what the program says: it is not worth that.
            return;
        }
        byte[] path = launcher.getBytes(StandardCharsets.UTF_8);
        BareStart start = new BareStart(
                0, 0, List.of(), arch.number(InjectedCall.RT_SIGACTION), arch.number(InjectedCall.RT_SIGPROCMASK));
        nativeCalls.processes().hideDescriptorsBut(Set.of(INPUT, OUTPUT, ERRORS));
        nativeCalls.processes().become(path, List.of(path, PREPARE), inheritance.environment(), start);
    }

    /** Those of the program's that are open here: the launcher's shell can close none above 9. */
    private Set<Integer> keptOpen() {
        Set<Integer> open = new HashSet<>();
        if (leftDescriptors) {
            // The numbers may be those of files of ours by now.
            return open;
        }
        leftDescriptors = true;
        for (int descriptor : inheritance.descriptors()) {
            if (descriptor > LAST_OF_SHELL) {
                open.add(descriptor);
            }
        }
        return open;
    }

    @Override
    public void close() {
        if (helper.isPresent()) {
            helper.get().close();
        }
    }
}
