package org.tiexec.helper.snapshot;

import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.StepResult;

/**
 * One pass over the chunks of a region, in which several threads may take part.
 *
 * <p>Chunks of the same huge page go to the same thread: otherwise two would make the kernel allocate that page at the
 * same moment, and clear it twice. The first failure ends the pass for all.
 */
final class Pass {
    private static final int CHUNKS_PER_PAGE = (int) (PageSize.HUGE / Chunk.BYTES);

    private final long bytes;
    private final ChunkWork work;
    private final int chunks;
    private int next;
    private long done;
    private StepResult result = new StepResult.Refused("the pass did not end");
    private boolean failed;

    Pass(long bytes, ChunkWork work) {
        this.bytes = bytes;
        this.work = work;
        this.chunks = Chunk.count(bytes);
    }

    /** Works on chunks until none is left or one has failed. */
    void takePart(RemoteMemory target, Workbench bench) throws SysException {
        int first = takePage();
        while (first < chunks) {
            long pageBytes = 0;
            for (int i = first; i < Math.min(first + CHUNKS_PER_PAGE, chunks); i++) {
                Chunk chunk = Chunk.of(i, bytes);
                if (!work.isDone(chunk, target, bench)) {
                    fail(new StepResult.Refused("the bytes at offset " + Address.hex(chunk.offset())
                            + " of the region are not what was written"));
                    return;
                }
                pageBytes += chunk.length();
            }
            finish(pageBytes);
            first = takePage();
        }
    }

    private synchronized int takePage() {
        int first = failed ? chunks : next;
        next += CHUNKS_PER_PAGE;
        return first;
    }

    private synchronized void finish(long pageBytes) {
        done += pageBytes;
        if (done == bytes && !failed) {
            result = new StepResult.Succeeded(bytes);
        }
    }

    /** Ends the pass because a call failed. */
    void fail(SysException cause) {
        fail(new StepResult.Failed(cause.errno()));
    }

    private synchronized void fail(StepResult reason) {
        if (!failed) {
            failed = true;
            result = reason;
        }
    }

    /** What the pass came to; asked for once every thread has left it. */
    synchronized StepResult result() {
        return result;
    }
}
