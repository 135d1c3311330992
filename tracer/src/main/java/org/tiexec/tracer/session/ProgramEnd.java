package org.tiexec.tracer.session;

import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.WaitStatus;

/** Waits for the program's end and ends this process the same way. */
final class ProgramEnd {
    private static final int SIGSTOP = 19;
    private static final int SIGNALLED = 128;

    private final NativeCalls nativeCalls;
    private final Attendants attendants;

    ProgramEnd(NativeCalls nativeCalls, Attendants attendants) {
        this.nativeCalls = nativeCalls;
        this.attendants = attendants;
    }

    /**
     * Waits until the program, a child of this process, has ended. While a signal has it stopped, this process is
     * stopped too, so that the shell that started us sees it.
     *
     * @return the exit status for this process, should it not have ended
     */
    int await(int pid) {
        while (true) {
            WaitStatus status = WaitStatus.decode(processes().await(pid, Processes.WAIT_ALL | Processes.WAIT_STOPPED));
            if (status instanceof WaitStatus.Stopped) {
                processes().kill(processes().ownPid(), SIGSTOP);
            } else if (!(status instanceof WaitStatus.Event) && !(status instanceof WaitStatus.SyscallStop)) {
                return end(status);
            }
        }
    }

    /**
     * Ends this process as the program ended: with its exit code, by the same signal, or, where that is not deadly, with
     * 128 + N. Nothing may be left to write.
     *
     * @return the exit status for this process, should it not have ended
     */
    int end(WaitStatus status) {
        attendants.close();
        int code = exitStatus(status);
        processes().exitNow(code);
        return code;
    }

    private int exitStatus(WaitStatus status) {
        if (status instanceof WaitStatus.Killed killed) {
            if (processes().ownPid() != 1) {
                processes().dieOf(killed.signal());
            }
            return SIGNALLED + killed.signal();
        }
        return ((WaitStatus.Exited) status).code();
    }

    private Processes processes() {
        return nativeCalls.processes();
    }
}
