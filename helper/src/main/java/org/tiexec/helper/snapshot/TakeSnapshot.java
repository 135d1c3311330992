package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;

/** Copies a region into a snapshot. */
final class TakeSnapshot implements ChunkWork {
    private final Address from;
    private final Snapshot snapshot;

    TakeSnapshot(Address from, Snapshot snapshot) {
        this.from = from;
        this.snapshot = snapshot;
    }

    @Override
    public boolean isDone(Chunk chunk, RemoteMemory target, Workbench bench) throws SysException {
        target.read(from.plus(chunk.offset()), snapshot.allocate(chunk), chunk.length());
        return true;
    }
}
