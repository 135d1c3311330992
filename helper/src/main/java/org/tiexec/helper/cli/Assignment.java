package org.tiexec.helper.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Optional;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.helper.snapshot.RegionDigest;
import org.tiexec.helper.snapshot.RegionTasks;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.wire.Message;

/** The helper's part in the execution of one plan. */
final class Assignment implements AutoCloseable {
    private final NativeCalls calls;
    private final Plan plan;
    private final RegionTasks tasks;

    /** Opened while the process surely exists: its memory may be out of reach by the time a digest is wanted. */
    private final Optional<RandomAccessFile> executable;

    Assignment(NativeCalls calls, Crew crew, Plan plan, ProcessFiles files) {
        this.calls = calls;
        this.plan = plan;
        this.tasks = new RegionTasks(calls, crew, plan.header().pid());
        // a region of a running process may be code of any file
        this.executable = plan.header().purpose() == Purpose.LAUNCH ? open(files) : Optional.empty();
    }

    private static Optional<RandomAccessFile> open(ProcessFiles files) {
        try {
            return Optional.of(files.openExecutable());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Does a helper step of the plan. */
    StepResult perform(StepId id, Address to) throws ConversationException {
        for (Step step : plan.steps()) {
            if (step.id().text().equals(id.text()) && step instanceof Step.HelperStep helperStep) {
                return tasks.perform(helperStep.task(), region(step.region()), to);
            }
        }
        throw new ConversationException("the plan has no helper step " + id);
    }

    /**
     * The SHA-256 of a region, from memory or, once the process has ended or may not be read,
     * from its executable; or why there is none.
     */
    Message digest(RegionId id) throws ConversationException {
        RegionDigest digest = new RegionDigest(region(id));
        try {
            return new Message.Digested(id, digest.ofMemory(calls, plan.header().pid()));
        } catch (SysException unreadable) {
            if (executable.isEmpty()) {
                return new Message.Undigested(id, String.valueOf(unreadable.getMessage()));
            }
            return ofFile(id, digest, executable.get());
        }
    }

    private static Message ofFile(RegionId id, RegionDigest digest, RandomAccessFile file) {
        try {
            return new Message.Digested(id, digest.ofFile(file));
        } catch (IOException e) {
            return new Message.Undigested(id, "the executable cannot be read: " + e.getMessage());
        }
    }

    /** Compares names as text: comparing records for the first time costs a cold JVM milliseconds. */
    private Region region(RegionId id) throws ConversationException {
        for (Region region : plan.header().regions()) {
            if (region.id().text().equals(id.text())) {
                return region;
            }
        }
        throw new ConversationException("the plan has no region " + id);
    }

    @Override
    public void close() throws IOException {
        tasks.close();
        if (executable.isPresent()) {
            executable.get().close();
        }
    }
}
