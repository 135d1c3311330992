package org.tiexec.tracer.remote;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.SignalInfo;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Signals that a stopped target sends itself.
 *
 * <p>Only so they look as they were sent by others: the kernel lets nobody but the receiver say that a signal came from
 * {@code kill(2)} or from the kernel.
 */
public final class RemoteSignals {
    private RemoteSignals() {}

    /**
     * Makes a target send itself these, in order. Meanwhile all signals are blocked and it dies with the tracer.
     *
     * @return those that the kernel has refused
     * @throws IOException if nothing can be sent this way; the target is as it was
     * @throws TargetGoneException if the target ended
     */
    public static List<SignalInfo> send(Target target, Architecture arch, List<SignalInfo> signals)
            throws IOException, TargetGoneException {
        Registers saved = target.registers();
        if (!arch.matches(saved)) {
            throw new IOException("process " + target.pid() + " is not a 64-bit program of this architecture");
        }
        ForeignCall calls = new ForeignCall(target, arch, saved, SyscallSite.find(target, arch));
        Borrowing borrowing = Borrowing.begin(target, arch, saved);
        List<SignalInfo> refused = sendFromAPage(signals, target, arch, calls);
        borrowing.end();
        return refused;
    }

    private static List<SignalInfo> sendFromAPage(
            List<SignalInfo> signals, Target target, Architecture arch, ForeignCall calls) throws TargetGoneException {
        long page = calls.map(PageSize.BASE);
        if (Errno.isError(page)) {
            return signals;
        }
        List<SignalInfo> refused = new ArrayList<>();
        for (SignalInfo signal : signals) {
            if (!isSent(signal, target, arch, calls, page)) {
                refused.add(signal);
            }
        }
        calls.call(arch.number(SyscallName.MUNMAP), page, PageSize.BASE);
        return refused;
    }

    private static boolean isSent(SignalInfo signal, Target target, Architecture arch, ForeignCall calls, long page)
            throws TargetGoneException {
        try {
            target.write(new Address(page), signal.bytes());
        } catch (IOException e) {
            return false;
        }
        return !Errno.isError(
                calls.call(arch.number(InjectedCall.RT_SIGQUEUEINFO), target.pid(), signal.number(), page));
    }
}
