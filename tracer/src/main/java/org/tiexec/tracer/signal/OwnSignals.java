package org.tiexec.tracer.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.PendingSignals;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SignalInfo;

/**
 * The signals that wait for this process because of children that the program, which it is about to become, never had.
 */
public final class OwnSignals {
    private static final long SIGCHLD = 1L << 16;

    private OwnSignals() {}

    /**
     * Takes them away. None can wait unless their number is blocked.
     *
     * @param blocked the signals that the program begins with blocked; bit N−1 stands for signal N
     */
    public static void discard(NativeLibrary library, Processes processes, Architecture arch, long blocked) {
        if ((blocked & SIGCHLD) == 0) {
            return;
        }
        PendingSignals pending = new PendingSignals(library, SIGCHLD);
        List<SignalInfo> others = new ArrayList<>();
        Optional<SignalInfo> next = pending.poll();
        while (next.isPresent()) {
            if (!next.get().isAboutChild()) {
                others.add(next.get());
            }
            next = pending.poll();
        }
        for (SignalInfo signal : others) {
            processes.queueToOwnThread(arch.number(InjectedCall.RT_TGSIGQUEUEINFO), signal);
        }
    }
}
