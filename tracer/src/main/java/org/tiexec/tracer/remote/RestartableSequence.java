package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.target.ProcessView;
import org.tiexec.tracer.target.SeizedThread;

/** A piece of code that a thread has to begin anew whenever something comes in between ({@code rseq(2)}, {@code linux/rseq.h}). */
final class RestartableSequence {
    /** {@code rseq_cs} within {@code struct rseq}. */
    private static final int POINTER_AT = 8;

    private static final int DESCRIPTOR_BYTES = 32;
    private static final int START_AT = 8;
    private static final int LENGTH_AT = 16;
    private static final int ABORT_AT = 24;

    private RestartableSequence() {}

    /**
     * Where a stopped thread must go on if it is within such a sequence, as the kernel would have it after a preemption.
     *
     * @param instruction where it is
     * @return its abort handler, or empty if it is in none
     * @throws IOException if its memory cannot be read
     */
    static Optional<Address> abortHandler(ProcessView process, SeizedThread thread, Address instruction)
            throws IOException {
        Optional<Address> area = thread.restartableSequences();
        if (area.isEmpty()) {
            return Optional.empty();
        }
        long descriptor =
                words(process, area.get().plus(POINTER_AT), Long.BYTES).getLong(0);
        if (descriptor == 0) {
            return Optional.empty();
        }
        ByteBuffer words = words(process, new Address(descriptor), DESCRIPTOR_BYTES);
        long offset = instruction.bits() - words.getLong(START_AT);
        return Long.compareUnsigned(offset, words.getLong(LENGTH_AT)) < 0
                ? Optional.of(new Address(words.getLong(ABORT_AT)))
                : Optional.empty();
    }

    private static ByteBuffer words(ProcessView process, Address from, int bytes) throws IOException {
        ByteBuffer words = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        process.read(from, words);
        return words;
    }
}
