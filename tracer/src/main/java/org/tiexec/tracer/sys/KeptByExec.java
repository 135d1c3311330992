package org.tiexec.tracer.sys;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What this process would keep if it became the program, but its children do not inherit, or the JVM has changed.
 *
 * <p>The kernel keeps some of it for each thread. The JVM leaves the process's first thread as it was started, but runs
 * nothing of ours on it, and the others lack what is not inherited.
 */
public final class KeptByExec {
    private static final int THIS_THREAD = 0;

    /** {@code PR_GET_CHILD_SUBREAPER} ({@code linux/prctl.h}). */
    private static final int GET_CHILD_SUBREAPER = 37;

    /** {@code SCHED_RESET_ON_FORK} ({@code linux/sched.h}). */
    private static final int RESET_ON_FORK = 0x40000000;

    /** {@code PRIO_PROCESS} ({@code linux/resource.h}). */
    private static final int OF_PROCESS = 0;

    private static final int READ_WRITE = 2;
    private static final int STANDARD_DESCRIPTORS = 3;
    private static final String RECORD_LOCK = " POSIX ";

    private final LibC libc;

    /** Uses the bound C library. */
    public KeptByExec(NativeLibrary library) {
        this.libc = library.libc();
    }

    /** Whether the orphans among its descendants become this process's children. */
    public boolean isSubreaper() {
        try (NativeArena arena = new NativeArena(libc)) {
            long answer = arena.allocate(Long.BYTES);
            libc.prctl(GET_CHILD_SUBREAPER, answer);
            return libc.memory().getInt(answer) != 0;
        }
    }

    /** Stops the interval timers of this process; those that were running, as they stood. */
    public List<IntervalTimer> takeTimers() {
        List<IntervalTimer> taken = new ArrayList<>();
        try (NativeArena arena = new NativeArena(libc)) {
            long stopped = arena.allocate(IntervalTimer.BYTES);
            long old = arena.allocate(IntervalTimer.BYTES);
            for (int which = 0; which < IntervalTimer.KINDS; which++) {
                libc.setitimer(which, stopped, old);
                long[] words = new long[IntervalTimer.BYTES / Long.BYTES];
                libc.memory().getLongArray(old, words, 0, words.length);
                IntervalTimer timer = new IntervalTimer(which, words[0], words[1], words[2], words[3]);
                if (timer.isRunning()) {
                    taken.add(timer);
                }
            }
        }
        return taken;
    }

    /** Starts timers that were taken before. */
    public void startTimers(List<IntervalTimer> timers) {
        try (NativeArena arena = new NativeArena(libc)) {
            long value = arena.allocate(IntervalTimer.BYTES);
            for (IntervalTimer timer : timers) {
                libc.memory().putByteArray(value, timer.bytes(), 0, IntervalTimer.BYTES);
                libc.setitimer(timer.which(), value, 0);
            }
        }
    }

    /** Gives this thread the scheduling with which the process was started. */
    public void giveSchedulingToThisThread() {
        giveScheduling(THIS_THREAD);
    }

    /**
     * Gives a process the scheduling with which this one was started, where children do not inherit it.
     *
     * @param pid a child
     */
    public void giveScheduling(int pid) {
        int first = libc.getpid();
        int policy = libc.getScheduler(first);
        if (policy < 0 || (policy & RESET_ON_FORK) == 0) {
            return;
        }
        try (NativeArena arena = new NativeArena(libc)) {
            long priority = arena.allocate(Long.BYTES);
            libc.getSchedulerParameters(first, priority);
            // Refused where the process had privileges when it was set and has none now.
            libc.setScheduler(pid, policy, priority);
            libc.setPriority(OF_PROCESS, pid, libc.getPriority(OF_PROCESS, first));
        }
    }

    /**
     * Sets limits.
     *
     * @param pid a child
     * @throws SysException if the kernel refuses
     */
    public void limit(int pid, List<ResourceLimit> limits) {
        try (NativeArena arena = new NativeArena(libc)) {
            for (ResourceLimit limit : limits) {
                if (libc.prlimit(pid, limit.resource(), arena.limit(limit), 0) != 0) {
                    throw new SysException("prlimit(" + limit.resource() + ")", libc.errno(), "process " + pid);
                }
            }
        }
    }

    /**
     * Makes a directory the working directory, as which the JVM goes on to take the one it was started in.
     *
     * @param descriptor an open directory
     * @throws SysException if the kernel refuses
     */
    public void enterDirectory(int descriptor) {
        if (libc.fchdir(descriptor) != 0) {
            throw new SysException("fchdir", libc.errno(), "descriptor " + descriptor);
        }
    }

    /**
     * Gives up this process's copies of descriptors that a child has: whoever waits at the other end of a pipe is to see
     * when the child closes it. The standard ones lead nowhere from then on. Those of files on which this process was left
     * record locks are kept, because it would lose the locks.
     *
     * @param inherited the descriptors
     * @throws IOException if there is no /dev/null or /proc
     */
    public void giveUp(Set<Integer> inherited) throws IOException {
        try (NativeArena arena = new NativeArena(libc)) {
            int nowhere = libc.open(arena.string("/dev/null".getBytes(StandardCharsets.US_ASCII)), READ_WRITE);
            if (nowhere < 0) {
                throw new IOException("/dev/null cannot be opened: " + libc.errno());
            }
            for (int descriptor : inherited) {
                if (holdsRecordLock(descriptor)) {
                    continue;
                }
                if (descriptor < STANDARD_DESCRIPTORS) {
                    libc.dup2(nowhere, descriptor);
                } else {
                    libc.close(descriptor);
                }
            }
            libc.close(nowhere);
        }
    }

    private static boolean holdsRecordLock(int descriptor) throws IOException {
        try (FileInputStream in = new FileInputStream("/proc/self/fdinfo/" + descriptor)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).contains(RECORD_LOCK);
        } catch (FileNotFoundException e) {
            // It is closed already.
            return false;
        }
    }
}
