package org.tiexec.tracer.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Ptrace;
import org.tiexec.tracer.sys.SyscallEntry;

/**
 * A thread that is traced by the calling thread and runs as it likes between its stops.
 *
 * <p>All methods want it to be in a ptrace-stop; they throw {@link org.tiexec.tracer.sys.SysException}, with ESRCH if it has
 * been killed meanwhile.
 */
public final class Tracee implements AutoCloseable {
    private final int id;
    private final Ptrace ptrace;

    /** Is about a thread that is traced already. */
    public Tracee(NativeLibrary library, int id) {
        this.id = id;
        this.ptrace = new Ptrace(library, id);
    }

    /** Its thread id. */
    public int id() {
        return id;
    }

    /** Chooses by options of {@link Ptrace} what it stops for. */
    public void watch(int options) {
        ptrace.setOptions(options);
    }

    /**
     * Lets it run.
     *
     * @param signal what it is to get: the one at whose delivery it stands, or 0
     */
    public void resume(int signal) {
        ptrace.resume(signal);
    }

    /** The same up to the next system call, at the latest. */
    public void resumeToSyscall(int signal) {
        ptrace.resumeToSyscall(signal);
    }

    /** Leaves it stopped as its process is, until that is continued. */
    public void stayStopped() {
        ptrace.listen();
    }

    /** Ends the tracing; it runs on. */
    public void letGo() {
        ptrace.detach(0);
        close();
    }

    /** Whose number a thread had before the execve at which it stands. */
    public int formerId() {
        return (int) ptrace.eventMessage();
    }

    /** The system call that it is about to make; empty if it has just made one. */
    public Optional<SyscallEntry> syscallEntry() {
        return ptrace.syscallEntry();
    }

    /**
     * A text that ends with a zero byte.
     *
     * @param most how many bytes it may have
     * @throws IOException if it cannot be read, or is longer
     */
    public byte[] text(Address at, int most) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(most);
        try (ProcessMemory memory = ProcessMemory.open(id)) {
            while (text.hasRemaining()) {
                long from = at.bits() + text.position();
                // no further than to the end of the page: the next one may not be there
                int bytes =
                        (int) Math.min(text.remaining(), PageSize.BASE - Long.remainderUnsigned(from, PageSize.BASE));
                int start = text.position();
                memory.read(at, text.limit(start + bytes));
                text.limit(text.capacity());
                for (int i = start; i < start + bytes; i++) {
                    if (text.get(i) == 0) {
                        byte[] found = new byte[i];
                        text.get(0, found);
                        return found;
                    }
                }
            }
        }
        throw new IOException("a text of more than " + most + " bytes at " + at + " in process " + id);
    }

    /** Frees what belongs to a thread that is gone, or in other hands. */
    @Override
    public void close() {
        ptrace.close();
    }
}
