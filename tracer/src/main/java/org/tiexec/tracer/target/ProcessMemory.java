package org.tiexec.tracer.target;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tiexec.protocol.memory.Address;

/**
 * A process's memory, held open as {@code /proc/PID/mem}: it goes on meaning the same memory when the process executes
 * another program, and cannot be read or written from then on.
 */
final class ProcessMemory implements AutoCloseable {
    private final int pid;
    private final FileChannel channel;

    private ProcessMemory(int pid, FileChannel channel) {
        this.pid = pid;
        this.channel = channel;
    }

    /**
     * Opens that of a process.
     *
     * @throws IOException if it may not be read and written
     */
    static ProcessMemory open(int pid) throws IOException {
        return new ProcessMemory(
                pid,
                FileChannel.open(Path.of("/proc/" + pid + "/mem"), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /**
     * Copies bytes out of it.
     *
     * @param into filled from its position to its limit
     * @throws IOException if a part of it is not mapped
     */
    void read(Address from, ByteBuffer into) throws IOException {
        long start = from.bits() - into.position();
        while (into.hasRemaining()) {
            if (channel.read(into, start + into.position()) <= 0) {
                throw new IOException(
                        "cannot read memory of process " + pid + " at " + new Address(start + into.position()));
            }
        }
    }

    /**
     * Copies bytes into it.
     *
     * @throws IOException if a part of it is not mapped
     */
    void write(Address to, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (channel.write(buffer, to.bits() + buffer.position()) <= 0) {
                throw new IOException("cannot write memory of process " + pid + " at " + to.plus(buffer.position()));
            }
        }
    }

    /**
     * Whether no other process of this machine has claimed it so; the claim ends with this process, however that ends.
     *
     * @throws IOException if the kernel has no locks on such files
     */
    boolean claim() throws IOException {
        return channel.tryLock() != null;
    }

    /**
     * The whole content of another file of a process.
     *
     * @param name such as {@code maps}
     * @param most how many bytes it may have
     * @throws IOException if it cannot be read, or is larger
     */
    static byte[] procFile(int pid, String name, int most) throws IOException {
        try (FileInputStream in = new FileInputStream("/proc/" + pid + "/" + name)) {
            byte[] content = in.readNBytes(most + 1);
            if (content.length > most) {
                throw new IOException(name + " of process " + pid + " is larger than " + most + " bytes");
            }
            return content;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
