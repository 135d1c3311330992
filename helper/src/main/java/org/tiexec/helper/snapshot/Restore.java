package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;

/** Writes a snapshot into the target; the plan verifies it in a step of its own. */
final class Restore implements ChunkWork {
    private final Snapshot snapshot;
    private final Address to;

    Restore(Snapshot snapshot, Address to) {
        this.snapshot = snapshot;
        this.to = to;
    }

    @Override
    public boolean isDone(Chunk chunk, RemoteMemory target, Workbench bench) throws SysException {
        target.write(snapshot.chunk(chunk), chunk.length(), to.plus(chunk.offset()));
        return true;
    }
}
