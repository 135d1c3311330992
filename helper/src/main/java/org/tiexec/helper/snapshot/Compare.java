package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;

/** Compares a place in the target with a snapshot. */
final class Compare implements ChunkWork {
    private final Snapshot snapshot;
    private final Address with;

    Compare(Snapshot snapshot, Address with) {
        this.snapshot = snapshot;
        this.with = with;
    }

    @Override
    public boolean isDone(Chunk chunk, RemoteMemory target, Workbench bench) throws SysException {
        target.read(with.plus(chunk.offset()), bench.proof(), chunk.length());
        return bench.proof().startsLike(snapshot.chunk(chunk), chunk.length());
    }
}
