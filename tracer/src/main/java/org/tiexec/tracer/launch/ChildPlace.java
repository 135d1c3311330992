package org.tiexec.tracer.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.obstacle.SeccompTrial;
import org.tiexec.tracer.program.ExecutableSearch;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.signal.OwnSignals;
import org.tiexec.tracer.signal.SignalForwarder;
import org.tiexec.tracer.sys.KeptByExec;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.Stub;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * The program as a child of this process, which passes signals on to it, waits for its end and ends the same way.
 *
 * <p>Without us this process becomes the program itself.
 */
final class ChildPlace implements Place {
    private static final int SIGKILL = 9;
    private static final int ERRORS = 2;

    private final Inheritance inheritance;
    private final Path helperLauncher;
    private final Duration timeout;
    private final Optional<PrintStream> protocolLog;
    private final Architecture arch;
    private final ExecutableSearch search;
    private final NativeCalls nativeCalls;
    private final LaunchMessages messages;
    private final Bequest bequest;
    private final Attendants attendants = new Attendants();
    private final ProgramEnd programEnd;
    private Optional<Integer> spawned = Optional.empty();
    private Optional<Integer> witness = Optional.empty();
    private Optional<PtraceTarget> stub = Optional.empty();
    private boolean leftDescriptors;
    private boolean isInit;

    ChildPlace(
            Launch launch,
            Path helperLauncher,
            ExecutableSearch search,
            NativeCalls nativeCalls,
            SeccompTrial seccomp,
            LaunchMessages messages) {
        this.inheritance = launch.inheritance();
        this.helperLauncher = helperLauncher;
        this.timeout = launch.options().timeout();
        this.protocolLog = launch.protocolLog();
        this.arch = launch.arch();
        this.search = search;
        this.nativeCalls = nativeCalls;
        this.messages = messages;
        this.bequest = new Bequest(inheritance, nativeCalls, seccomp);
        this.programEnd = new ProgramEnd(nativeCalls, attendants);
    }

    @Override
    public HelperProcess helper() throws HelperFailedException {
        return attendants.startHelper(helperLauncher, timeout, protocolLog);
    }

    @Override
    public void prepare() throws UntraceableException {
        try {
            bequest.prepare();
            spawned = Optional.of(Stub.spawn(processes()));
        } catch (SysException e) {
            throw new UntraceableException(String.valueOf(e.getMessage()));
        }
        witness = inheritance.signalsArePending()
                ? SignalForwarder.spawnWitness(processes(), inheritance.descriptors())
                : Optional.empty();
    }

    @Override
    public void hold() throws UntraceableException {
        int pid = spawned.orElseThrow();
        try {
            PtraceTarget target = PtraceTarget.seize(nativeCalls.library(), processes(), pid);
            if (inheritance.signalsArePending()) {
                attendants.add(SignalForwarder.start(
                        nativeCalls.library(), arch, target, inheritance.descriptors(), witness, messages.stream()));
            }
            stub = Optional.of(target);
        } catch (TargetGoneException e) {
            witness.ifPresent(this::discard);
            throw new UntraceableException("cannot trace: " + e.getMessage());
        } catch (SysException e) {
            discard(pid);
            witness.ifPresent(this::discard);
            throw UntraceableException.refused(e);
        } catch (RuntimeException | Error e) {
            // Above all where no further thread can be had. The stub ends with us or by itself.
            discard(pid);
            witness.ifPresent(this::discard);
            throw new UntraceableException("cannot watch for signals: " + e);
        }
    }

    private void discard(int pid) {
        try {
            processes().kill(pid, SIGKILL);
            processes().await(pid, Processes.WAIT_ALL);
        } catch (SysException e) {
            messages.warn("the stub " + pid + " could not be ended: " + e.getMessage());
        }
    }

    @Override
    public PtraceTarget take() {
        return stub.orElseThrow();
    }

    @Override
    public void bequeath(PtraceTarget target, RemoteExec exec) throws IOException, TargetGoneException {
        bequest.complete(target.pid(), exec);
    }

    @Override
    public boolean abandon(PtraceTarget target) {
        target.kill();
        return true;
    }

    @Override
    public Optional<WaitStatus> withdraw() {
        if (stub.isEmpty()) {
            return Optional.empty();
        }
        Optional<WaitStatus> killed = stub.get().end();
        if (killed.isEmpty()) {
            stub.get().kill();
        }
        return killed;
    }

    @Override
    public int runUntraced() {
        return runPlain();
    }

    @Override
    public int runPlain() {
        messages.flush();
        try {
            attendants.giveWay();
            OwnSignals.discard(nativeCalls.library(), processes(), arch, inheritance.signalMask());
            bequest.prepare();
            bequest.complete();
        } catch (SysException e) {
            return messages.notRun("what it inherits cannot be handed on: " + e.getMessage());
        }
        try {
            bequest.assumeIdentity(arch);
        } catch (IOException | SysException e) {
            return messages.notRun(String.valueOf(e.getMessage()));
        }
        var start = bequest.bareStart(arch);
        Optional<Errno> refused = search.execute(new ExecutableSearch.Attempt<RuntimeException, RuntimeException>() {
            @Override
            public Optional<Errno> execute(byte[] path, List<byte[]> argv) {
                return Optional.of(processes().become(path, argv, inheritance.environment(), start));
            }
        });
        return messages.notExecuted(refused.orElse(Errno.ENOENT));
    }

    @Override
    public int end(int status) {
        return status;
    }

    @Override
    public int end(PtraceTarget target, int status) {
        target.kill();
        return status;
    }

    @Override
    public int endLike(WaitStatus status) {
        return programEnd.end(status);
    }

    @Override
    public void release(PtraceTarget target) throws TargetGoneException {
        attendants.releaseSignals(target);
        target.detach();
    }

    @Override
    public void admitSignals(PtraceTarget target) throws TargetGoneException {
        attendants.releaseSignals(target);
    }

    @Override
    public void run(PtraceTarget target) throws TargetGoneException {
        attendants.releaseSignals(target);
        leaveDescriptors();
        beInit();
    }

    @Override
    public boolean isBoundToProgram() {
        return true;
    }

    @Override
    public void fallSilent() {
        messages.flush();
    }

    @Override
    public int follow(PtraceTarget target, Optional<LibraryWatch> watch) {
        if (watch.isEmpty()) {
            attendants.endHelper();
        }
        messages.flush();
        leaveDescriptors();
        beInit();
        if (watch.isPresent()) {
            // what is done is told
            return programEnd.await(target.pid(), watch.get());
        }
        if (inheritance.descriptors().contains(ERRORS)) {
            leave(Set.of(ERRORS));
        }
        return programEnd.await(target.pid());
    }

    /** All but the one by which we may still say something; once, because the numbers may be those of files of ours then. */
    private void leaveDescriptors() {
        if (!leftDescriptors) {
            leftDescriptors = true;
            Set<Integer> others = new HashSet<>(inheritance.descriptors());
            others.remove(ERRORS);
            leave(others);
        }
    }

    private void leave(Set<Integer> descriptors) {
        try {
            bequest.leave(descriptors);
        } catch (IOException e) {
            messages.warn("its descriptors stay open in the tracer, too: " + e.getMessage());
        }
    }

    private void beInit() {
        if (!isInit && (processes().ownPid() == 1 || new KeptByExec(nativeCalls.library()).isSubreaper())) {
            isInit = true;
            OrphanReaper.start(new Processes(nativeCalls.library()));
        }
    }

    @Override
    public void close() {
        attendants.close();
    }

    private Processes processes() {
        return nativeCalls.processes();
    }
}
