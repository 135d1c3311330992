package org.tiexec.tracer.launch;

import java.util.Optional;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.WaitStatus;

/** Waits for the program's end and ends this process the same way. */
final class ProgramEnd {
    private static final int SIGNALLED = 128;

    private final NativeCalls nativeCalls;
    private final Attendants attendants;

    ProgramEnd(NativeCalls nativeCalls, Attendants attendants) {
        this.nativeCalls = nativeCalls;
        this.attendants = attendants;
    }

    /**
     * Waits until the program, a child of this process, has ended. While a signal has it stopped, this process is stopped by
     * the same one, so that the shell that started us sees what it would have seen of the program.
     *
     * @return the exit status for this process, should it not have ended
     */
    int await(int pid) {
        WaitStatus status = next(pid);
        while (!isEnd(status)) {
            Optional<WaitStatus> since = status instanceof WaitStatus.Stopped stopped
                    ? processes().stopUnless(stopped.signal(), () -> news(pid))
                    : Optional.empty();
            status = since.isPresent() ? since.get() : next(pid);
        }
        return end(status);
    }

    /** The same with something that is done beside the program meanwhile, by this thread. */
    int await(int pid, LibraryWatch watch) {
        while (watch.look()) {
            Optional<WaitStatus> news = processes()
                    .poll(pid, Processes.WAIT_ALL | Processes.WAIT_STOPPED)
                    .map(WaitStatus::decode);
            while (news.isPresent() && news.get() instanceof WaitStatus.Stopped stopped) {
                news = processes().stopUnless(stopped.signal(), () -> news(pid));
            }
            if (news.isPresent() && isEnd(news.get())) {
                return end(news.get());
            }
            pause();
        }
        attendants.endHelper();
        return await(pid);
    }

    private static void pause() {
        try {
            Thread.sleep(LibraryWatch.PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isEnd(WaitStatus status) {
        return status instanceof WaitStatus.Exited || status instanceof WaitStatus.Killed;
    }

    private WaitStatus next(int pid) {
        return WaitStatus.decode(processes().await(pid, Processes.WAIT_ALL | Processes.WAIT_STOPPED));
    }

    /** What has become of a stopped program, if it is stopped no longer. */
    private Optional<WaitStatus> news(int pid) {
        return processes()
                .poll(pid, Processes.WAIT_ALL | Processes.WAIT_STOPPED | Processes.WAIT_CONTINUED)
                .map(WaitStatus::decode);
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
