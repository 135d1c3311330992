package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;

/** Copies a region to another place in the target; reads each chunk back while it is in the cache. */
final class Copy implements ChunkWork {
    private final Address from;
    private final Address to;

    Copy(Address from, Address to) {
        this.from = from;
        this.to = to;
    }

    @Override
    public boolean isDone(Chunk chunk, RemoteMemory target, Workbench bench) throws SysException {
        Address destination = to.plus(chunk.offset());
        target.read(from.plus(chunk.offset()), bench.source(), chunk.length());
        target.write(bench.source(), chunk.length(), destination);
        target.read(destination, bench.proof(), chunk.length());
        return bench.proof().startsLike(bench.source(), chunk.length());
    }
}
