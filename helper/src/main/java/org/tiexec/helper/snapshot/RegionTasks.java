package org.tiexec.helper.snapshot;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.Region;

/** The helper's work on the regions of one process, with the snapshots that it needs in between. */
public final class RegionTasks implements AutoCloseable {
    private final NativeCalls calls;
    private final Crew crew;
    private final int pid;

    /** By the name of the region: hashing a record costs milliseconds when a JVM does it for the first time. */
    private final Map<String, Snapshot> snapshots = new HashMap<>();

    /**
     * Begins without snapshots.
     *
     * @param pid the process; it may run, but only where plans allow it do its bytes stay the same
     */
    public RegionTasks(NativeCalls calls, Crew crew, int pid) {
        this.calls = calls;
        this.crew = crew;
        this.pid = pid;
    }

    /**
     * Does a task.
     *
     * @param task what is to be done
     * @param region whose bytes
     * @param to the place that is filled or verified
     * @return with the number of bytes handled if all went well
     */
    public StepResult perform(HelperTask task, Region region, Address to) {
        return switch (task) {
            case SNAPSHOT -> snapshot(region);
            case FILL -> fill(region, to);
            case VERIFY -> verify(region, to);
        };
    }

    private StepResult snapshot(Region region) {
        forget(region);
        Snapshot snapshot = new Snapshot(calls, region.range().length());
        snapshots.put(region.id().text(), snapshot);
        StepResult result = goOver(region, new TakeSnapshot(region.range().start(), snapshot));
        if (!result.isSuccess()) {
            forget(region);
        }
        return result;
    }

    private StepResult fill(Region region, Address to) {
        Optional<Snapshot> snapshot = snapshotOf(region);
        if (snapshot.isPresent()) {
            return goOver(region, new Restore(snapshot.get(), to));
        }
        AddressRange destination = AddressRange.ofLength(to, region.range().length());
        if (destination.overlaps(region.range())) {
            return new StepResult.Refused("no snapshot of region " + region.id() + " to fill its own place from");
        }
        return goOver(region, new Copy(region.range().start(), to));
    }

    private StepResult verify(Region region, Address to) {
        Optional<Snapshot> snapshot = snapshotOf(region);
        if (snapshot.isEmpty()) {
            return verifyAgainstPlace(region, to);
        }
        StepResult result = goOver(region, new Compare(snapshot.get(), to));
        if (result.isSuccess()) {
            forget(region);
        }
        return result;
    }

    /** Without a snapshot the region is compared as it is where it is, while its process may run. */
    private StepResult verifyAgainstPlace(Region region, Address to) {
        AddressRange other = AddressRange.ofLength(to, region.range().length());
        if (other.overlaps(region.range())) {
            return new StepResult.Refused("no snapshot of region " + region.id() + " to compare with");
        }
        return goOver(region, new CompareInPlace(region.range().start(), to));
    }

    private StepResult goOver(Region region, ChunkWork work) {
        return crew.goOver(pid, region.range().length(), work);
    }

    private Optional<Snapshot> snapshotOf(Region region) {
        return Optional.ofNullable(snapshots.get(region.id().text()));
    }

    private void forget(Region region) {
        Snapshot snapshot = snapshots.remove(region.id().text());
        if (snapshot != null) {
            snapshot.close();
        }
    }

    /** Gives up the snapshots that are still held. */
    @Override
    public void close() {
        for (Snapshot snapshot : snapshots.values()) {
            snapshot.close();
        }
        snapshots.clear();
    }
}
