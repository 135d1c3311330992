package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.StepResult;

/**
 * Two threads that go over a region together: the calling one and, for all but the smallest regions, one more.
 *
 * <p>Its buffers are allocated once, so that no step pays for them. For use by one thread at a time.
 */
public final class Crew implements AutoCloseable {
    private final NativeCalls calls;
    private final Workbench bench;
    private final Workbench secondBench;

    /**
     * Allocates the buffers.
     *
     * @throws SysException if there is not enough memory
     */
    public Crew(NativeCalls calls) throws SysException {
        this.calls = calls;
        bench = new Workbench(calls);
        try {
            secondBench = new Workbench(calls);
        } catch (SysException e) {
            bench.close();
            throw e;
        }
    }

    /**
     * Does {@code work} with every chunk of a region.
     *
     * @param pid the process whose region it is
     * @param bytes the region's size
     */
    StepResult goOver(int pid, long bytes, ChunkWork work) {
        Pass pass = new Pass(bytes, work);
        if (bytes > PageSize.HUGE) {
            Thread second = new Thread(new Worker(calls, pid, pass, secondBench), "second copier");
            second.start();
            new Worker(calls, pid, pass, bench).run();
            awaitEnd(second);
        } else {
            new Worker(calls, pid, pass, bench).run();
        }
        return pass.result();
    }

    /** Whoever interrupts us must wait: the thread works on memory that is freed afterwards. */
    private static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives the buffers back. */
    @Override
    public void close() {
        bench.close();
        secondBench.close();
    }
}
