package org.tiexec.tracer.target;

import java.io.IOException;
import java.util.List;

/**
 * A process that runs and goes on running, of which single threads can be seized.
 *
 * <p>It is the process that it was when it was opened: neither another one with the same id nor another program that it has
 * executed since. Its methods belong to one thread.
 */
public interface RunningProcess extends ProcessView {
    /** Whether it still exists; one that waits for its parent does not. */
    boolean isAlive();

    /**
     * The ids of its threads, in the kernel's order.
     *
     * @throws IOException if it has ended
     */
    List<Integer> threads() throws IOException;

    /**
     * Begins to trace one thread, which goes on running.
     *
     * @param thread its id
     * @param unfiltered whether its seccomp filter is not to apply to it meanwhile, which takes a privilege
     * @throws org.tiexec.tracer.sys.SysException if the kernel does not let us
     */
    SeizedThread seize(int thread, boolean unfiltered);

    /**
     * Takes note of the end of a traced thread, if it has ended. The one method for other threads than the tracing one.
     *
     * @return whether it had
     */
    boolean bury(int thread);
}
