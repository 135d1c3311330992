package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.target.RunningProcess;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A scope in which a running process makes system calls for us, by threads that are borrowed for a moment.
 *
 * <p>A call borrows a thread if none is; {@link #letRun} gives it back. Whenever this process dies, all threads finish the
 * call that they make and go on with what they were doing; at most two pages of 4 KB stay behind. No thread's signal mask
 * is changed; a signal that comes while a thread is borrowed makes it go home to take it, and another one is borrowed.
 */
public final class LiveCalls implements RemoteCalls {
    /** By this name the pages of a tracer that has died can be told from the program's own. */
    public static final String SCRATCH_NAME = ScratchPages.NAME;

    /** A process that gets signals faster than it can be worked on is left alone. */
    private static final int MOST_INTERRUPTIONS = 1000;

    private static final Optional<String> INTERRUPTED = Optional.of("interrupted by signals");

    private final RunningProcess process;
    private final LiveArchitecture arch;
    private final Lender lender;
    private final Optional<HeldThreads> others;
    private CodeSites sites;
    private final List<Duration> stops = new ArrayList<>();
    private final List<String> leftBehind = new ArrayList<>();
    private Optional<BorrowedThread> borrowed = Optional.empty();
    private Optional<ScratchPages> scratch = Optional.empty();

    private LiveCalls(
            RunningProcess process,
            LiveArchitecture arch,
            Lender lender,
            Optional<HeldThreads> others,
            CodeSites sites) {
        this.process = process;
        this.arch = arch;
        this.lender = lender;
        this.others = others;
        this.sites = sites;
    }

    /**
     * Opens the scope: maps two pages in the process, which then runs on.
     *
     * @param stopAll whether all threads are to stand whenever one is borrowed
     * @param patience how long a thread that can be borrowed is looked for at most, each time
     * @throws RefusedException if that is not possible; the process is as it was, or the reason tells what stays in it
     * @throws IOException if its memory cannot be read or written; likewise
     * @throws TargetGoneException if it has ended
     */
    public static LiveCalls open(RunningProcess process, LiveArchitecture arch, boolean stopAll, Duration patience)
            throws RefusedException, IOException, TargetGoneException {
        CodeSites sites = findSites(process, arch);
        Lender lender = new Lender(process, arch, patience);
        Optional<HeldThreads> others =
                stopAll ? Optional.of(new HeldThreads(process, lender, patience)) : Optional.empty();
        LiveCalls calls = new LiveCalls(process, arch, lender, others, sites);
        try {
            calls.mapScratch();
        } catch (RefusedException e) {
            throw new RefusedException(e.refusal().kind(), e.refusal().reason() + calls.giveUp());
        } catch (IOException e) {
            throw new IOException(e.getMessage() + calls.giveUp(), e);
        }
        return calls;
    }

    private static CodeSites findSites(RunningProcess process, LiveArchitecture arch) throws IOException {
        try {
            return CodeSites.find(process, arch, MapsParser.parse(process.procFile("maps")));
        } catch (ProcFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** An undo may have moved the code in which they were found, and the program may have unloaded it. */
    private void findSitesAgain() {
        try {
            if (!sites.areStillIn(process, arch)) {
                sites = findSites(process, arch);
            }
        } catch (IOException e) {
            // There are none any more, which is told where one is needed.
            return;
        }
    }

    private void mapScratch() throws RefusedException, IOException, TargetGoneException {
        for (int i = 0; i < MOST_INTERRUPTIONS; i++) {
            BorrowedThread thread = lender.borrow(true);
            try {
                Optional<FrameCalls> calls = FrameCalls.prepare(arch, thread, sites);
                if (calls.isPresent() && isSetUp(calls.get())) {
                    return;
                }
            } finally {
                end(thread);
            }
        }
        throw tooManySignals();
    }

    /** Closes the scope that could not be opened; what stays behind, in words to be put behind the reason. */
    private String giveUp() throws TargetGoneException {
        close();
        return leftBehind.isEmpty() ? "" : "; " + String.join("; ", leftBehind);
    }

    private boolean isSetUp(FrameCalls calls) throws RefusedException, IOException {
        if (scratch.isEmpty()) {
            scratch = ScratchPages.map(process, arch, calls);
        }
        if (scratch.isEmpty() || !scratch.get().arm(calls)) {
            return false;
        }
        nameScratch(scratch.get(), calls);
        return true;
    }

    /** Best effort: kernels can be built without names. */
    private void nameScratch(ScratchPages pages, FrameCalls calls) throws IOException {
        calls.call(pages.namingCall(), pages.naming(pages.range(), ScratchPages.NAME));
    }

    private RefusedException tooManySignals() {
        return new RefusedException(
                Refusal.Kind.NO_SUITABLE_THREAD,
                "process " + process.pid() + " was interrupted by " + MOST_INTERRUPTIONS
                        + " signals in a row; try again later");
    }

    @Override
    public long call(SyscallName name, long... arguments) throws TargetGoneException {
        return call(arch.number(name), arguments);
    }

    private long call(long number, long... arguments) throws TargetGoneException {
        for (int i = 0; i < MOST_INTERRUPTIONS; i++) {
            BorrowedThread thread = borrow();
            Optional<Long> result = thread.call(pages().calling(thread, number, arguments), number);
            if (result.isPresent()) {
                return result.get();
            }
            count(thread);
            borrowed = Optional.empty();
        }
        throw new ThreadUnavailableException(tooManySignals().refusal());
    }

    private ScratchPages pages() {
        return scratch.orElseThrow(() -> new IllegalStateException("closed"));
    }

    private BorrowedThread borrow() throws TargetGoneException {
        if (borrowed.isPresent()) {
            return borrowed.get();
        }
        BorrowedThread thread;
        try {
            thread = others.isPresent() ? stopAll(others.get()) : lender.borrow(false);
        } catch (RefusedException e) {
            throw new ThreadUnavailableException(e.refusal());
        }
        try {
            pages().prepareFor(thread);
        } catch (IOException e) {
            end(thread);
            others.ifPresent(HeldThreads::letGo);
            throw new TargetGoneException(
                    process.pid(),
                    process.isAlive() ? "executes another program now, or has unmapped our pages" : "has ended");
        }
        borrowed = Optional.of(thread);
        return thread;
    }

    private BorrowedThread stopAll(HeldThreads threads) throws RefusedException, TargetGoneException {
        try {
            threads.stopAll();
        } catch (TargetGoneException e) {
            // What has executed another program has threads, too.
            threads.letGo();
            throw e;
        }
        return threads.take()
                .orElseThrow(() -> new RefusedException(
                        Refusal.Kind.NO_SUITABLE_THREAD, "process " + process.pid() + " has no thread to borrow"));
    }

    /**
     * Lets the borrowed thread, and all that stand with it, run on.
     *
     * <p>A thread that could not be stopped in time is waited for, since it would stand still later, up to two seconds in all.
     */
    @Override
    public void letRun() {
        if (borrowed.isPresent()) {
            BorrowedThread thread = borrowed.get();
            borrowed = Optional.empty();
            end(thread);
        }
        others.ifPresent(HeldThreads::letGo);
        lender.settle();
    }

    private void end(BorrowedThread thread) {
        thread.goHome();
        count(thread);
    }

    private void count(BorrowedThread thread) {
        thread.away().ifPresent(stops::add);
        lender.released(thread.id());
    }

    /**
     * Gives anonymous memory a name in {@code maps}, which not every kernel can.
     *
     * @param name without brackets, dollar signs, backslashes; 79 characters at most
     * @return whether it has it now
     * @throws TargetGoneException if the process has ended
     */
    public boolean name(AddressRange range, String name) throws TargetGoneException {
        try {
            return call(pages().namingCall(), pages().naming(range, name)) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** How long each borrowed thread was away, from the request to stop to its going home. */
    public List<Duration> stops() {
        return List.copyOf(stops);
    }

    /** What threads of the program may have noticed, in whole sentences. */
    public List<String> notes() {
        return lender.notes();
    }

    /** After closing: what of ours is still in the process, which is harmless to it but ours to tell. */
    public List<String> leftBehind() {
        return List.copyOf(leftBehind);
    }

    /**
     * Lets all threads run and removes our pages.
     *
     * @throws TargetGoneException if the process has ended
     */
    @Override
    public void close() throws TargetGoneException {
        letRun();
        if (scratch.isPresent()) {
            // Not while a thread stands: there may be much code to look through.
            findSitesAgain();
        }
        Optional<String> obstacle = INTERRUPTED;
        try {
            for (int i = 0; i < MOST_INTERRUPTIONS && scratch.isPresent() && obstacle.equals(INTERRUPTED); i++) {
                BorrowedThread thread = lender.borrow(true);
                obstacle = removeScratch(thread);
                end(thread);
            }
        } catch (RefusedException e) {
            obstacle = Optional.of(e.refusal().reason());
        }
        if (scratch.isPresent() && isThere(scratch.get().range())) {
            leftBehind.add("the scratch pages at " + scratch.get().range() + " could not be removed from process "
                    + process.pid() + ": " + obstacle.orElseThrow());
        }
        lender.retire();
    }

    /** What the process has unmapped cannot be read, nor anything of a program after which it has executed another. */
    private boolean isThere(AddressRange range) {
        try {
            process.read(range.start(), ByteBuffer.allocate(1));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The borrowed thread executes none of them: it has come to them by its frame only. */
    private Optional<String> removeScratch(BorrowedThread thread) {
        if (scratch.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (!sites.areStillIn(process, arch)) {
                return Optional.of("the code by which it could be done has gone");
            }
            Optional<Long> result = FrameCalls.prepare(arch, thread, sites).flatMap(scratch.get()::unmap);
            if (result.isEmpty()) {
                return INTERRUPTED;
            }
            if (result.get() != 0) {
                return Optional.of("munmap: " + Errno.describe(result.get()));
            }
            scratch = Optional.empty();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
