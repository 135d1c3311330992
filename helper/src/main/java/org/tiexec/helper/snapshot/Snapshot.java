package org.tiexec.helper.snapshot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.SysException;

/** A copy of a region in our own memory, allocated chunk by chunk as it is taken. */
final class Snapshot implements AutoCloseable {
    private final NativeCalls calls;
    private final List<Optional<NativeMemory>> chunks;

    /**
     * Begins with no chunk taken.
     *
     * @param bytes the size of the region
     */
    Snapshot(NativeCalls calls, long bytes) {
        this.calls = calls;
        this.chunks = new ArrayList<>(Collections.nCopies(Chunk.count(bytes), Optional.empty()));
    }

    /** Memory for a chunk that is to be taken. Different chunks may be allocated by different threads. */
    NativeMemory allocate(Chunk chunk) throws SysException {
        NativeMemory memory = calls.allocate(chunk.length());
        chunks.set(chunk.number(), Optional.of(memory));
        return memory;
    }

    /** A chunk that was taken. */
    NativeMemory chunk(Chunk chunk) {
        return chunks.get(chunk.number()).orElseThrow();
    }

    /** Gives all memory back. */
    @Override
    public void close() {
        for (Optional<NativeMemory> chunk : chunks) {
            if (chunk.isPresent()) {
                chunk.get().close();
            }
        }
    }
}
