package org.tiexec.tracer.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tiexec.tracer.sys.Processes;

/**
 * Reaps the orphans that become children of this process where it is process 1 or a child subreaper, which are an init's
 * duties ({@code pid_namespaces(7)}, {@code prctl(2)}).
 *
 * <p>The kernel gives them to the process's first thread, on which a JVM runs nothing of ours, so that they are never taken
 * for the children that were started here.
 */
final class OrphanReaper implements Runnable {
    private static final long PAUSE_MILLIS = 200;

    private final Processes processes;
    private final Path children;

    private OrphanReaper(Processes processes) {
        this.processes = processes;
        this.children = Path.of("/proc/self/task/" + processes.ownPid() + "/children");
    }

    /**
     * Begins, on a thread of its own, and goes on until this process ends.
     *
     * @param processes for that thread alone
     */
    static void start(Processes processes) {
        Thread thread = new Thread(new OrphanReaper(processes), "orphan reaper");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                for (String child :
                        Files.readString(children, StandardCharsets.US_ASCII).split(" ", -1)) {
                    if (!child.isBlank()) {
                        processes.reap(Integer.parseInt(child));
                    }
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (IOException | InterruptedException e) {
            // A kernel that does not list children: zombies stay until this process ends, as under many an init.
            Thread.currentThread().interrupt();
        }
    }
}
