package org.tiexec.tracer.attach;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.remote.Admission;
import org.tiexec.tracer.remote.RefusedException;
import org.tiexec.tracer.sys.NativeCalls;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.Stub;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Borrows the thread of a process of our own, again and again, while the helper is still starting.
 *
 * <p>It loads and compiles what a borrowing takes, which would otherwise be done while a thread of somebody else's stands
 * still: ten milliseconds in a cold JVM.
 */
final class DressRehearsal {
    /** A compiler takes on what was called 200 times. */
    private static final int ROUNDS = 60;

    private static final int SIGKILL = 9;
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private DressRehearsal() {}

    /**
     * Plays it. Whatever goes wrong will go wrong again where it matters, and is told there.
     *
     * @param nativeCalls of the thread that is going to trace
     */
    static void run(NativeCalls nativeCalls, LiveArchitecture arch) {
        Processes processes = nativeCalls.processes();
        int pid;
        try {
            pid = Stub.spawn(processes);
        } catch (SysException e) {
            return;
        }
        Admission admission = new Admission(pid, Set.of(), arch, nativeCalls.library());
        try (OpenedProcess process = admission.open(processes)) {
            play(new ThreadCalls(process, arch, false, PATIENCE));
        } catch (RefusedException | IOException | TargetGoneException | SysException e) {
            return;
        } finally {
            processes.kill(pid, SIGKILL);
            processes.await(pid, Processes.WAIT_ALL);
        }
    }

    private static void play(ThreadCalls calls) throws IOException, TargetGoneException {
        try (calls) {
            calls.open();
            for (int round = 0; round < ROUNDS; round++) {
                long page = calls.call(
                        SyscallName.MMAP,
                        0,
                        PageSize.BASE,
                        ProtFlag.PROT_READ.value(),
                        MmapFlag.MAP_PRIVATE.value() | MmapFlag.MAP_ANONYMOUS.value(),
                        -1,
                        0);
                calls.call(SyscallName.MUNMAP, page, PageSize.BASE);
                calls.letRun();
            }
        }
    }
}
