package org.tiexec.helper.cli;

import java.io.File;
import java.io.IOException;
import java.util.Optional;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.helper.snapshot.RegionTasks;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;

/**
 * Makes ready for copying, in a thread of its own: that takes as long as all other preparations together.
 *
 * <p>It ends with a copy within this process. So a machine that forbids {@code process_vm_readv} is found out before
 * any plan is made.
 */
final class CopyPreparation implements Runnable {
    private static final int BYTES = 1 << 16;

    private final File root;
    private final Thread thread = new Thread(this, "copy preparation");
    private Optional<Ready> ready = Optional.empty();
    private String failure = "";

    private CopyPreparation(File root) {
        this.root = root;
    }

    /**
     * What the preparation comes to.
     *
     * @param calls the native calls
     * @param crew those who copy
     * @param pid our own process id
     */
    record Ready(NativeCalls calls, Crew crew, int pid) {}

    /**
     * Starts the thread.
     *
     * @param root the directory that holds {@code proc}
     */
    static CopyPreparation begin(File root) {
        CopyPreparation preparation = new CopyPreparation(root);
        preparation.thread.start();
        return preparation;
    }

    @Override
    public void run() {
        try {
            NativeCalls calls = NativeCalls.bind();
            Crew crew = new Crew(calls);
            int pid = OwnProcess.id(root);
            StepResult result = copyWithin(pid, calls, crew);
            if (result.isSuccess()) {
                ready = Optional.of(new Ready(calls, crew, pid));
            } else {
                crew.close();
                failure = "a trial within this process failed: " + reason(result);
            }
        } catch (SysException | IOException | RuntimeException | LinkageError e) {
            failure = String.valueOf(e.getMessage());
        }
    }

    private static String reason(StepResult result) {
        return result instanceof StepResult.Failed failed
                ? failed.errno() + " (" + failed.errno().meaning() + ")"
                : result.toString();
    }

    private static StepResult copyWithin(int pid, NativeCalls calls, Crew crew) throws SysException {
        try (NativeMemory from = calls.allocate(BYTES);
                NativeMemory to = calls.allocate(BYTES);
                RegionTasks tasks = new RegionTasks(calls, crew, pid)) {
            AddressRange range = AddressRange.ofLength(from.start(), BYTES);
            Region region = new Region(new RegionId("trial"), range, range, 0, Protection.READ_EXECUTE);
            return tasks.perform(HelperTask.FILL, region, to.start());
        }
    }

    /**
     * Waits for the end.
     *
     * @throws ConversationException if memory cannot be copied here
     */
    Ready await() throws ConversationException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new ConversationException("interrupted before it was ready");
        }
        if (ready.isEmpty()) {
            throw new ConversationException("memory cannot be copied between processes here: " + failure);
        }
        return ready.get();
    }
}
