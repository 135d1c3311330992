package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;

/** Compares two places in the target with each other. */
final class CompareInPlace implements ChunkWork {
    private final Address one;
    private final Address other;

    CompareInPlace(Address one, Address other) {
        this.one = one;
        this.other = other;
    }

    @Override
    public boolean isDone(Chunk chunk, RemoteMemory target, Workbench bench) throws SysException {
        target.read(one.plus(chunk.offset()), bench.source(), chunk.length());
        target.read(other.plus(chunk.offset()), bench.proof(), chunk.length());
        return bench.proof().startsLike(bench.source(), chunk.length());
    }
}
