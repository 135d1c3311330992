package org.tiexec.tracer.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.Ptrace;
import org.tiexec.tracer.sys.SignalInfo;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * A process of our group that never runs, and so keeps a copy of every signal that the group is sent.
 *
 * <p>It stands in a ptrace-stop from its seizure to its end, which is ours at the latest. Its signals are taken from it by
 * letting it go from one signal-delivery-stop to the next, with none delivered.
 */
final class GroupWitness {
    private final int pid;
    private final Ptrace ptrace;
    private final Processes processes;

    private GroupWitness(int pid, Ptrace ptrace, Processes processes) {
        this.pid = pid;
        this.ptrace = ptrace;
        this.processes = processes;
    }

    /**
     * Makes a witness of a stub that has every signal blocked; all else belongs to the calling thread from now on.
     *
     * @return empty if it cannot be traced or is gone
     */
    static Optional<GroupWitness> seize(NativeLibrary library, Processes processes, int stub) {
        try {
            Ptrace ptrace = new Ptrace(library, stub);
            ptrace.seize(Ptrace.O_EXITKILL);
            ptrace.interrupt();
            GroupWitness witness = new GroupWitness(stub, ptrace, processes);
            while (!(witness.next() instanceof WaitStatus.Event)) {
                ptrace.resume(0);
            }
            // From here on each signal is met by a stop.
            ptrace.setSignalMask(0);
            return Optional.of(witness);
        } catch (SysException e) {
            return Optional.empty();
        }
    }

    /**
     * What it has been sent since the last time.
     *
     * @throws SysException if it is gone
     */
    List<SignalInfo> takeSignals() {
        List<SignalInfo> taken = new ArrayList<>();
        while (!ptrace.pendingSignals().isEmpty()) {
            ptrace.resume(0);
            if (next() instanceof WaitStatus.Stopped) {
                taken.add(ptrace.signalInfo());
            }
        }
        return taken;
    }

    private WaitStatus next() {
        WaitStatus status = WaitStatus.decode(processes.await(pid, Processes.WAIT_ALL));
        if (status instanceof WaitStatus.Exited || status instanceof WaitStatus.Killed) {
            throw new SysException("waitpid", Errno.ECHILD, "the ended process " + pid);
        }
        return status;
    }
}
