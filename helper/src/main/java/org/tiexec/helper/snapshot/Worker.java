package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;

/** One thread's part of a pass. */
final class Worker implements Runnable {
    private final NativeCalls calls;
    private final int pid;
    private final Pass pass;
    private final Workbench bench;

    Worker(NativeCalls calls, int pid, Pass pass, Workbench bench) {
        this.calls = calls;
        this.pid = pid;
        this.pass = pass;
        this.bench = bench;
    }

    @Override
    public void run() {
        try (RemoteMemory target = calls.memoryOf(pid)) {
            pass.takePart(target, bench);
        } catch (SysException e) {
            pass.fail(e);
        }
    }
}
