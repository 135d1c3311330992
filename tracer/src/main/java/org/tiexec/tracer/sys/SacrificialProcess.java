package org.tiexec.tracer.sys;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that runs code of ours and may die of it.
 *
 * <p>The code goes through a file of our own for the moment of its start: every call that this takes is one that each JVM
 * makes anyway, and so none that a seccomp filter under which ours has started would kill it for.
 */
public final class SacrificialProcess {
    private static final int SIGKILL = 9;
    private static final int WRITE_ONLY = 1;

    /** {@code O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC} ({@code asm-generic/fcntl.h}). */
    private static final int NEW_FILE = 0100 | 0200 | 0400000 | 02000000;

    private static final int OWNER_ONLY = 0700;
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final long PAUSE_NANOS = 50_000L;
    private static final int FIRST_POLLS = 20;

    private final LibC libc;
    private final Processes processes;
    private final List<String> directories;

    /**
     * Starts nothing yet.
     *
     * @param directories where the file may be, in order of preference; one is used that allows files to be executed
     */
    public SacrificialProcess(NativeLibrary library, Processes processes, List<String> directories) {
        this.libc = library.libc();
        this.processes = processes;
        this.directories = List.copyOf(directories);
    }

    /**
     * Runs a whole executable file and waits for its end, a second at most.
     *
     * @return the raw wait status; empty if it can be executed nowhere
     */
    public Optional<Integer> run(byte[] executable) {
        for (String directory : directories) {
            byte[] path = (directory + "/.tiexec-trial-" + processes.ownPid()).getBytes(StandardCharsets.UTF_8);
            if (isWritten(path, executable)) {
                int pid = startAndUnlink(path);
                if (pid > 0) {
                    return Optional.of(await(pid));
                }
            }
        }
        return Optional.empty();
    }

    /** The process; 0 if the file may not be executed where it is. */
    private int startAndUnlink(byte[] path) {
        try {
            return processes.spawn(path, List.of(path), Set.of());
        } catch (SysException e) {
            return 0;
        } finally {
            try (NativeArena arena = new NativeArena(libc)) {
                libc.unlink(arena.string(path));
            }
        }
    }

    private boolean isWritten(byte[] path, byte[] content) {
        try (NativeArena arena = new NativeArena(libc)) {
            int descriptor = libc.create(arena.string(path), WRITE_ONLY | NEW_FILE, OWNER_ONLY);
            if (descriptor < 0) {
                return false;
            }
            long bytes = arena.allocate(content.length);
            libc.memory().putByteArray(bytes, content, 0, content.length);
            long written = libc.write(descriptor, bytes, content.length);
            libc.close(descriptor);
            if (written != content.length) {
                libc.unlink(arena.string(path));
            }
            return written == content.length;
        }
    }

    private int await(int pid) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (int polls = 0; System.nanoTime() < deadline; polls++) {
            Optional<Integer> status = processes.poll(pid, Processes.WAIT_ALL);
            if (status.isPresent()) {
                return status.get();
            }
            if (polls < FIRST_POLLS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        processes.kill(pid, SIGKILL);
        return processes.await(pid, Processes.WAIT_ALL);
    }
}
