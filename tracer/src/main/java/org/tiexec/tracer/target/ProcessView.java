package org.tiexec.tracer.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.tiexec.protocol.memory.Address;

/** What can be reached of a process whether it runs or stands. */
public interface ProcessView {
    /** The process id. */
    int pid();

    /**
     * Copies bytes out of the process, whatever their protection.
     *
     * @param from the first address
     * @param into filled from its position to its limit
     * @throws IOException if a part of it is not mapped
     */
    void read(Address from, ByteBuffer into) throws IOException;

    /**
     * Copies bytes into memory that the process itself could write.
     *
     * @throws IOException if a part of it is not mapped or not writable
     */
    void write(Address to, byte[] bytes) throws IOException;

    /**
     * The whole content of a file of {@code /proc/PID}.
     *
     * @param name such as {@code maps}
     * @throws IOException if it cannot be read
     */
    byte[] procFile(String name) throws IOException;
}
