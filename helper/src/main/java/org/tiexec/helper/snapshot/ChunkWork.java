package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;

/** What is done with each chunk of a region; by two threads, with different chunks. */
interface ChunkWork {
    /**
     * Does it.
     *
     * @param chunk which chunk
     * @param target the target's memory, for this thread
     * @param bench buffers, for this thread
     * @return whether the bytes are as they must be
     * @throws SysException if the kernel refuses to read or write them
     */
    boolean isDone(Chunk chunk, RemoteMemory target, Workbench bench) throws SysException;
}
