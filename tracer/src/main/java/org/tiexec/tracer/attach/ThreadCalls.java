package org.tiexec.tracer.attach;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.remote.LiveCalls;
import org.tiexec.tracer.remote.RefusedException;
import org.tiexec.tracer.remote.RemoteCalls;
import org.tiexec.tracer.remote.ThreadUnavailableException;
import org.tiexec.tracer.target.RunningProcess;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * The calls of plans, made by threads that are borrowed from when a plan has been accepted to when it has been executed.
 *
 * <p>Where no thread can be borrowed any more, calls fail with EAGAIN, as the kernel answers what may be tried again.
 */
final class ThreadCalls implements RemoteCalls {
    /** By this name the new memory of a tracer that has died can be told from the program's own. */
    static final String NAME = "tiexec code";

    private static final int FLAGS = 3;

    private final RunningProcess process;
    private final LiveArchitecture arch;
    private final boolean stopAll;
    private final Duration patience;
    private final List<Long> stops = new ArrayList<>();
    private final List<String> noticed = new ArrayList<>();
    private final Set<String> obstacles = new LinkedHashSet<>();
    private Optional<LiveCalls> scope = Optional.empty();
    private Optional<String> remains = Optional.empty();

    /**
     * Is about one process.
     *
     * @param stopAll whether all its threads are to stand whenever one is borrowed
     * @param patience how long a thread is looked for, each time
     */
    ThreadCalls(RunningProcess process, LiveArchitecture arch, boolean stopAll, Duration patience) {
        this.process = process;
        this.arch = arch;
        this.stopAll = stopAll;
        this.patience = patience;
    }

    @Override
    public void open() throws IOException, TargetGoneException {
        try {
            scope = Optional.of(LiveCalls.open(process, arch, stopAll, patience));
        } catch (RefusedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public long call(SyscallName name, long... arguments) throws TargetGoneException {
        LiveCalls calls = scope.orElseThrow();
        try {
            long result = calls.call(name, arguments);
            boolean isAnonymous = name == SyscallName.MMAP && (arguments[FLAGS] & MmapFlag.MAP_HUGETLB.value()) == 0;
            if (isAnonymous && !Errno.isError(result)) {
                // Best effort: it is mapped in any case.
                calls.name(AddressRange.ofLength(new Address(result), arguments[1]), NAME);
            }
            return result;
        } catch (ThreadUnavailableException e) {
            obstacles.add(String.valueOf(e.getMessage()));
            return -Errno.EAGAIN.number();
        }
    }

    @Override
    public void letRun() {
        scope.ifPresent(LiveCalls::letRun);
    }

    @Override
    public void close() throws TargetGoneException {
        if (scope.isEmpty()) {
            return;
        }
        LiveCalls calls = scope.get();
        scope = Optional.empty();
        try {
            calls.close();
        } finally {
            for (Duration stop : calls.stops()) {
                stops.add(stop.toNanos());
            }
            noticed.addAll(calls.notes());
            remains = calls.leftBehind().isEmpty()
                    ? Optional.empty()
                    : Optional.of(String.join("; ", calls.leftBehind()));
        }
    }

    @Override
    public Optional<String> remains() {
        return remains;
    }

    /** How long each borrowed thread was away, in nanoseconds. */
    List<Long> stops() {
        return List.copyOf(stops);
    }

    /** What threads of the program may have noticed, in whole sentences. */
    List<String> noticed() {
        return List.copyOf(noticed);
    }

    /** Why no thread could be borrowed, each reason once. */
    List<String> obstacles() {
        return List.copyOf(obstacles);
    }
}
