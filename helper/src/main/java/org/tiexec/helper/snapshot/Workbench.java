package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.SysException;

/** Two buffers of one chunk each, for one thread at a time. */
final class Workbench implements AutoCloseable {
    private final NativeMemory source;
    private final NativeMemory proof;

    Workbench(NativeCalls calls) throws SysException {
        source = calls.allocate(Chunk.BYTES);
        try {
            proof = calls.allocate(Chunk.BYTES);
        } catch (SysException e) {
            source.close();
            throw e;
        }
    }

    /** For what is to be written. */
    NativeMemory source() {
        return source;
    }

    /** For what is read back. */
    NativeMemory proof() {
        return proof;
    }

    @Override
    public void close() {
        source.close();
        proof.close();
    }
}
