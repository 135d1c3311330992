package org.tiexec.tracer.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.ProcessDescriptor;
import org.tiexec.tracer.sys.Processes;

/**
 * A process of this machine.
 *
 * <p>Its memory is held open: when the process executes another program, reading and writing fail from then on.
 */
public final class OpenedProcess implements RunningProcess, AutoCloseable {
    /** More is refused; vm.max_map_count allows some 65,000 mappings, smaps has 1 KB for each. */
    private static final int MAX_PROC_FILE = 128 << 20;

    private final NativeLibrary library;
    private final Processes processes;
    private final int pid;
    private final ProcessDescriptor descriptor;
    private final ProcessMemory memory;

    private OpenedProcess(
            NativeLibrary library, Processes processes, int pid, ProcessDescriptor descriptor, ProcessMemory memory) {
        this.library = library;
        this.processes = processes;
        this.pid = pid;
        this.descriptor = descriptor;
        this.memory = memory;
    }

    /**
     * Takes hold of a process without stopping it.
     *
     * @param processes used by the thread that is going to trace, and by it alone
     * @param descriptor of that process, closed with this
     * @throws IOException if its memory may not be read and written
     */
    public static OpenedProcess open(NativeLibrary library, Processes processes, int pid, ProcessDescriptor descriptor)
            throws IOException {
        return new OpenedProcess(library, processes, pid, descriptor, ProcessMemory.open(pid));
    }

    /**
     * Claims the process for this tracer alone; the claim ends with this process, however that ends.
     *
     * @return whether no other tracer has it; also where that cannot be found out
     */
    public boolean claim() {
        try {
            return memory.claim();
        } catch (IOException e) {
            // A kernel without locks on such files: then nobody has one.
            return true;
        }
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public boolean isAlive() {
        return !descriptor.hasEnded();
    }

    @Override
    public void read(Address from, ByteBuffer into) throws IOException {
        memory.read(from, into);
    }

    @Override
    public void write(Address to, byte[] bytes) throws IOException {
        memory.write(to, bytes);
    }

    @Override
    public byte[] procFile(String name) throws IOException {
        byte[] content = ProcessMemory.procFile(pid, name, MAX_PROC_FILE);
        requireAlive();
        return content;
    }

    @Override
    public List<Integer> threads() throws IOException {
        List<Integer> threads = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                threads.add(Integer.parseInt(task.getFileName().toString()));
            }
        }
        requireAlive();
        Collections.sort(threads);
        return threads;
    }

    /** What was read by its id was its own only if it still exists. */
    private void requireAlive() throws IOException {
        if (!isAlive()) {
            throw new IOException("process " + pid + " has ended");
        }
    }

    @Override
    public SeizedThread seize(int thread, boolean unfiltered) {
        return PtraceThread.seize(library, processes, thread, unfiltered);
    }

    @Override
    public boolean bury(int thread) {
        // The end of the first one is the end of the process, for which its parent may wait: this process.
        return thread != pid && processes.reap(thread);
    }

    @Override
    public void close() throws IOException {
        memory.close();
        descriptor.close();
    }
}
