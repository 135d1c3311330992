package org.tiexec.tracer.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.AuxiliaryVector;
import org.tiexec.tracer.target.OpenedProcess;

/**
 * A program that can be told from the one that it may execute.
 *
 * @param process whose memory cannot be read any more when that has happened
 * @param anchor an address in its executable
 */
record Sight(OpenedProcess process, Address anchor) {
    /**
     * Looks at a program.
     *
     * @return empty if it does not say where it is
     * @throws IOException if it has ended
     */
    static Optional<Sight> of(OpenedProcess process) throws IOException {
        return new AuxiliaryVector(process.procFile("auxv")).programHeaders().map(anchor -> new Sight(process, anchor));
    }

    /** Whether it has neither ended nor executed another program, or itself anew. */
    boolean isStillThere() {
        try {
            process.read(anchor, ByteBuffer.allocate(1));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
