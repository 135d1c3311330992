package org.tiexec.tracer.remote;

import java.io.IOException;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/** An end that a stopped target makes for itself, so that whoever waits for it sees a status of our choice. */
public final class RemoteExit {
    private RemoteExit() {}

    /**
     * Makes it exit.
     *
     * @param status 0 to 255
     * @throws IOException if it cannot be read, or goes on
     * @throws TargetGoneException when it has ended
     */
    public static void exit(Target target, Architecture arch, int status) throws IOException, TargetGoneException {
        ForeignCall calls = new ForeignCall(target, arch, target.registers(), SyscallSite.find(target, arch));
        calls.call(arch.number(InjectedCall.EXIT_GROUP), status);
        throw new IOException("process " + target.pid() + " does not exit");
    }
}
