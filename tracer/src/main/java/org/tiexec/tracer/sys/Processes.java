package org.tiexec.tracer.sys;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.tiexec.protocol.abi.Errno;

/** Starting, awaiting, signalling and becoming processes. */
public final class Processes {
    /** {@code __WALL}: waits for children of every kind ({@code linux/wait.h}). */
    public static final int WAIT_ALL = 0x40000000;

    /** {@code WUNTRACED}: reports children that a signal has stopped. */
    public static final int WAIT_STOPPED = 2;

    /** {@code WCONTINUED}: reports children that SIGCONT has continued. */
    public static final int WAIT_CONTINUED = 8;

    private static final int WNOHANG = 1;

    /** {@code WSTOPPED}, {@code WEXITED}, {@code WNOWAIT} and {@code P_PID} of {@code waitid(2)}. */
    private static final int STOPPED_OR_ENDED = 2 | 4;

    private static final int ENDED = 4;
    private static final int WNOWAIT = 0x01000000;
    private static final int P_PID = 1;
    private static final int SI_CODE = 8;
    private static final int SI_STATUS = 24;

    /** Of the codes of SIGCHLD, the last of those that tell of an end. */
    private static final int CLD_DUMPED = 3;

    private static final int CLD_TRAPPED = 4;
    private static final int STOP_STATUS = 0x7f;
    private static final int SIGCHLD = 17;
    private static final long PAUSE_NANOS = 500_000;

    /** A whole machine can stand still, as while it is moved: so many pauses a tracee gets even when its time is over. */
    private static final int MOST_OVERDUE = 20;

    private static final short SPAWN_SETSIGMASK = 0x08;
    private static final int SIGNAL_SET_BYTES = 128;

    /** Larger than {@code posix_spawnattr_t} of glibc and musl. */
    private static final int OPAQUE_BYTES = 512;

    private static final int F_SETFD = 2;

    /** The table of descriptors ({@code linux/sched.h}). */
    private static final int CLONE_FILES = 0x400;

    private static final int FD_CLOEXEC = 1;

    private static final int RLIMIT_CORE = 4;
    private static final int SIGSTOP = 19;
    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final int SIG_SETMASK = 2;
    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;
    private static final int SIGNALS = 64;

    /** The kernel's {@code struct sigaction} ({@code asm/signal.h}), the handler first. */
    private static final int SIGACTION_BYTES = 32;

    private static final int KERNEL_SET_BYTES = 8;
    private static final String FILE_CAPABILITIES = "security.capability";

    private final LibC libc;

    /** Of tracees that {@link #awaitStop} has told of: one that is a child as well is asked for again, as a child. */
    private final Map<Integer, Integer> ends = new HashMap<>();

    private final long status;
    private final long info;
    private final long childSignals;
    private final long oldMask;
    private final long pause;

    /** Uses the bound C library; waits on one thread only. */
    public Processes(NativeLibrary library) {
        this.libc = library.libc();
        this.status = new NativeArena(libc).allocate(Long.BYTES);
        this.info = new NativeArena(libc).allocate(SignalInfo.BYTES);
        this.childSignals = new NativeArena(libc).allocate(SIGNAL_SET_BYTES);
        this.oldMask = new NativeArena(libc).allocate(SIGNAL_SET_BYTES);
        this.pause = new NativeArena(libc).allocate(2 * Long.BYTES);
    }

    /** This process's id. */
    public int ownPid() {
        return libc.getpid();
    }

    /** The id of this process's parent. */
    public int parentPid() {
        return libc.getppid();
    }

    /**
     * Starts a program with an empty environment and every signal blocked.
     *
     * @param path the executable
     * @param argv its arguments, the name first
     * @param closed the descriptors that it does not get
     * @return its process id
     * @throws SysException if it cannot be started
     */
    public int spawn(byte[] path, List<byte[]> argv, Set<Integer> closed) {
        try (NativeArena arena = new NativeArena(libc)) {
            long actions = arena.allocate(OPAQUE_BYTES);
            libc.initFileActions(actions);
            for (int descriptor : closed) {
                libc.addClose(actions, descriptor);
            }
            long attributes = arena.allocate(OPAQUE_BYTES);
            libc.initAttributes(attributes);
            libc.setSignalMask(attributes, signalSet(arena, -1L));
            libc.setFlags(attributes, SPAWN_SETSIGMASK);
            long pid = arena.allocate(Long.BYTES);
            int error = libc.posixSpawn(
                    pid, arena.string(path), actions, attributes, arena.strings(argv), arena.strings(List.of()));
            libc.destroyFileActions(actions);
            if (error != 0) {
                throw new SysException("posix_spawn", new Errno(error), new String(path, StandardCharsets.UTF_8));
            }
            return libc.memory().getInt(pid);
        }
    }

    private long signalSet(NativeArena arena, long mask) {
        long set = arena.allocate(SIGNAL_SET_BYTES);
        libc.memory().putLong(set, mask);
        return set;
    }

    /**
     * Keeps from the program that this thread becomes every descriptor but some. A JVM opens files without close-on-exec,
     * and its threads may do so at any moment; so this thread gets descriptors of its own first.
     *
     * @param inherited the descriptors that the program is to get
     */
    public void hideDescriptorsBut(Set<Integer> inherited) {
        libc.unshare(CLONE_FILES);
        hideSharedDescriptorsBut(inherited);
    }

    /**
     * The same without descriptors of its own: what other threads open meanwhile without close-on-exec is missed.
     *
     * @param inherited the descriptors that the program is to get
     */
    public void hideSharedDescriptorsBut(Set<Integer> inherited) {
        String[] open = new File("/proc/thread-self/fd").list();
        if (open == null) {
            throw new SysException("opendir", Errno.ENOENT, "/proc/thread-self/fd");
        }
        for (String name : open) {
            int descriptor = Integer.parseInt(name);
            if (!inherited.contains(descriptor)) {
                // Fails for the descriptor by which the directory was read, which is closed by now.
                libc.fcntl(descriptor, F_SETFD, FD_CLOEXEC);
            }
        }
    }

    /**
     * Waits for a change of state of one process.
     *
     * @param pid the child or tracee
     * @param options {@link #WAIT_ALL}, {@link #WAIT_STOPPED} or both
     * @return the raw wait status
     * @throws SysException if there is no such child
     */
    public int await(int pid, int options) {
        while (true) {
            int result = libc.waitpid(pid, status, options);
            if (result == pid) {
                return libc.memory().getInt(status);
            }
            Errno errno = libc.errno();
            Optional<Integer> told = Optional.ofNullable(errno.equals(Errno.ECHILD) ? ends.remove(pid) : null);
            if (told.isPresent()) {
                return told.get();
            }
            if (!errno.equals(Errno.EINTR)) {
                throw new SysException("waitpid", errno, "process " + pid);
            }
        }
    }

    /**
     * Whether the state of one process has changed.
     *
     * @param pid the child or tracee
     * @param options {@link #WAIT_ALL}, {@link #WAIT_STOPPED}, {@link #WAIT_CONTINUED} or some of them
     * @return the raw wait status, if so
     * @throws SysException if there is no such child
     */
    public Optional<Integer> poll(int pid, int options) {
        int result = libc.waitpid(pid, status, options | WNOHANG);
        if (result == -1) {
            Errno errno = libc.errno();
            Optional<Integer> told = Optional.ofNullable(errno.equals(Errno.ECHILD) ? ends.remove(pid) : null);
            if (told.isEmpty()) {
                throw new SysException("waitpid", errno, "process " + pid);
            }
            return told;
        }
        return result == 0 ? Optional.empty() : Optional.of(libc.memory().getInt(status));
    }

    /**
     * Waits for a tracee to stop or to end, so that the kernel need forget nothing: should the tracer die now, a signal at
     * whose delivery the tracee has stopped is delivered. An end is told but once.
     *
     * <p>The calling thread sleeps meanwhile, until a SIGCHLD tells of the stop: a tracee is often woken on the processor of
     * its tracer, and would not run as long as that one looked out for it.
     *
     * @param thread the tracee
     * @param limit how long to wait; if it is zero, the thread does not sleep
     * @return the raw wait status; empty if it goes on running
     * @throws SysException if there is no such tracee
     */
    public Optional<Integer> awaitStop(int thread, Duration limit) {
        Optional<Integer> now = peek(thread);
        if (now.isPresent() || limit.isZero()) {
            return now;
        }
        libc.memory().putLong(childSignals, 1L << (SIGCHLD - 1));
        libc.pthreadSigmask(SIG_BLOCK, childSignals, oldMask);
        try {
            long start = System.nanoTime();
            int overdue = 0;
            while (true) {
                Optional<Integer> status = peek(thread);
                if (status.isPresent() || overdue == MOST_OVERDUE) {
                    return status;
                }
                overdue += System.nanoTime() - start > limit.toNanos() ? 1 : 0;
                // Another thread of this process may have taken the signal: never sleep for long.
                libc.memory().putLong(pause, 0);
                libc.memory().putLong(pause + Long.BYTES, PAUSE_NANOS);
                libc.sigtimedwait(childSignals, info, pause);
            }
        } finally {
            libc.pthreadSigmask(SIG_SETMASK, oldMask, 0);
        }
    }

    /**
     * Takes note of the end of a tracee of any thread of this process; for any thread.
     *
     * <p>It looks first, and takes nothing but an end: to a tracer the kernel tells stops whether they are asked for or not,
     * and whoever waits for that stop would wait in vain.
     *
     * @return whether it had ended
     */
    public boolean reap(int thread) {
        try (NativeArena arena = new NativeArena(libc)) {
            long end = arena.allocate(SignalInfo.BYTES);
            return hasEnded(thread, end, WNOWAIT) && hasEnded(thread, end, 0);
        }
    }

    private boolean hasEnded(int thread, long end, int more) {
        libc.memory().putLong(end, 0);
        return libc.waitid(P_PID, thread, end, ENDED | WAIT_ALL | WNOHANG | more) == 0
                && libc.memory().getInt(end) != 0
                && libc.memory().getInt(end + SI_CODE) <= CLD_DUMPED;
    }

    /**
     * Has this process told of each stop of a tracee by a SIGCHLD, for which {@link #awaitStop} waits. The JVM, when it has
     * started a process, is told only of ends ({@code SA_NOCLDSTOP}).
     *
     * @param actionCall the number of {@code rt_sigaction(2)}
     */
    public void hearOfStops(long actionCall) {
        try (NativeArena arena = new NativeArena(libc)) {
            long byDefault = arena.allocate(SIGACTION_BYTES);
            libc.memory().putLong(byDefault, SIG_DFL);
            if (libc.syscall(actionCall, SIGCHLD, byDefault, 0, KERNEL_SET_BYTES) == -1) {
                throw new SysException("rt_sigaction", libc.errno(), "this process");
            }
        }
    }

    private Optional<Integer> peek(int thread) {
        libc.memory().putLong(info, 0);
        if (libc.waitid(P_PID, thread, info, STOPPED_OR_ENDED | WAIT_ALL | WNOHANG | WNOWAIT) == -1) {
            throw new SysException("waitid", libc.errno(), "thread " + thread);
        }
        if (libc.memory().getInt(info) == 0) {
            return Optional.empty();
        }
        if (libc.memory().getInt(info + SI_CODE) == CLD_TRAPPED) {
            return Optional.of(libc.memory().getInt(info + SI_STATUS) << Byte.SIZE | STOP_STATUS);
        }
        Optional<Integer> end = poll(thread, WAIT_ALL);
        if (end.isPresent() && (end.get() & STOP_STATUS) != STOP_STATUS) {
            ends.put(thread, end.get());
        }
        return end;
    }

    /**
     * Sends a signal.
     *
     * @throws SysException if there is no such process or it is not ours to signal
     */
    public void kill(int pid, int signal) {
        if (libc.kill(pid, signal) != 0) {
            throw new SysException("kill(" + signal + ")", libc.errno(), "process " + pid);
        }
    }

    /**
     * Sends a signal with all that belongs to it. The kernel lets nobody send another process what looks as if it came from
     * {@code kill(2)} or from the kernel.
     *
     * @param call the number of {@code rt_sigqueueinfo(2)}
     * @throws SysException if there is no such process, it is not ours to signal, or its queue is full
     */
    public void queue(long call, int pid, SignalInfo signal) {
        try (NativeArena arena = new NativeArena(libc)) {
            long info = info(arena, signal);
            if (libc.syscall(call, pid, signal.number(), info, 0) == -1) {
                throw new SysException("rt_sigqueueinfo(" + signal.number() + ")", libc.errno(), "process " + pid);
            }
        }
    }

    /**
     * Sends the calling thread, and so the program that it becomes, a signal with all that belongs to it.
     *
     * @param call the number of {@code rt_tgsigqueueinfo(2)}
     * @throws SysException if too many wait already
     */
    public void queueToOwnThread(long call, SignalInfo signal) {
        try (NativeArena arena = new NativeArena(libc)) {
            long info = info(arena, signal);
            if (libc.syscall(call, libc.getpid(), libc.gettid(), signal.number(), info) == -1) {
                throw new SysException("rt_tgsigqueueinfo(" + signal.number() + ")", libc.errno(), "this thread");
            }
        }
    }

    private long info(NativeArena arena, SignalInfo signal) {
        long info = arena.allocate(SignalInfo.BYTES);
        libc.memory().putByteArray(info, signal.bytes(), 0, SignalInfo.BYTES);
        return info;
    }

    /**
     * Waits until a signal that is just being sent to several processes has reached all of them.
     *
     * <p>The kernel holds the lock of the list of processes while it signals a group, or everyone, and {@code
     * setpgid(2)} has to take it for itself, even for a process that cannot exist.
     */
    public void settleGroup() {
        libc.setpgid(Integer.MAX_VALUE, 1);
    }

    /** The calling thread's id. */
    public int ownThread() {
        return libc.gettid();
    }

    /** Sends a signal to one thread of this process; one that has ended does not get it. */
    public void signalThread(int thread, int signal) {
        libc.tgkill(libc.getpid(), thread, signal);
    }

    /**
     * Stops this process by a signal's default action, so that its parent sees which signal it was; returns when it has been
     * continued.
     *
     * <p>A SIGCONT that comes before it has stopped keeps it from stopping: what wakes it up never comes too early.
     *
     * @param obstacle asked in the last moment: if it has something, this process is not stopped
     * @return what the obstacle was
     */
    public <T> Optional<T> stopUnless(int signal, Supplier<Optional<T>> obstacle) {
        if (signal == SIGSTOP) {
            Optional<T> found = obstacle.get();
            if (found.isEmpty()) {
                kill(ownPid(), SIGSTOP);
            }
            return found;
        }
        try (NativeArena arena = new NativeArena(libc)) {
            long set = signalSet(arena, 1L << (signal - 1));
            long old = signalSet(arena, 0);
            libc.signal(signal, SIG_DFL);
            libc.pthreadSigmask(SIG_BLOCK, set, old);
            libc.tgkill(libc.getpid(), libc.gettid(), signal);
            Optional<T> found = obstacle.get();
            if (found.isEmpty()) {
                libc.pthreadSigmask(SIG_UNBLOCK, set, 0);
            } else {
                libc.sigtimedwait(set, arena.allocate(SignalInfo.BYTES), arena.allocate(2 * Long.BYTES));
            }
            libc.pthreadSigmask(SIG_SETMASK, old, 0);
            return found;
        }
    }

    /**
     * Makes the calling thread, and so the program that it becomes, somebody else. There is no way back: it is fit for nothing
     * but that.
     *
     * @throws SysException if the kernel refuses; the thread may have changed in part and must not become the program
     */
    public void assume(Identity identity, IdentityCalls numbers) {
        try (NativeArena arena = new NativeArena(libc)) {
            byte[] groups = identity.groupList();
            long list = arena.allocate(Math.max(Long.BYTES, groups.length));
            libc.memory().putByteArray(list, groups, 0, groups.length);
            become(
                    "setgroups",
                    identity,
                    numbers.setGroups(),
                    identity.supplementary().size(),
                    list,
                    0);
            long group = identity.group();
            become("setresgid", identity, numbers.setGroup(), group, group, group);
            long user = identity.user();
            become("setresuid", identity, numbers.setUser(), user, user, user);
        }
    }

    private void become(String call, Identity identity, long number, long first, long second, long third) {
        if (libc.syscall(number, first, second, third, 0) != 0) {
            throw new SysException(call, libc.errno(), identity.toString());
        }
    }

    /**
     * Replaces this process, the JVM included, by another program.
     *
     * @param path the executable
     * @param argv its arguments
     * @param environment its environment
     * @param start what this process must not have before
     * @return why it failed; on success it does not return
     */
    public Errno become(byte[] path, List<byte[]> argv, List<byte[]> environment, BareStart start) {
        try (NativeArena arena = new NativeArena(libc)) {
            long name = arena.string(path);
            long arguments = arena.strings(argv);
            long variables = arena.strings(environment);
            long mask = signalSet(arena, start.blocked());
            long oldMask = signalSet(arena, 0);
            long ignoring = arena.allocate(SIGACTION_BYTES);
            libc.memory().putLong(ignoring, SIG_IGN);
            long oldActions = arena.allocate(SIGNALS * SIGACTION_BYTES);
            int limits = start.limits().size();
            long[] newLimits = new long[limits];
            long[] oldLimits = new long[limits];
            for (int i = 0; i < limits; i++) {
                newLimits[i] = arena.limit(start.limits().get(i));
                oldLimits[i] = arena.limit(start.limits().get(i));
            }
            libc.syscall(start.maskCall(), SIG_SETMASK, mask, oldMask, KERNEL_SET_BYTES);
            // From here to the execve nothing may be loaded or compiled, let alone fail: the JVM lives on what is taken
            // away.
            for (int signal = 1; signal <= SIGNALS; signal++) {
                if (start.ignores(signal)) {
                    libc.syscall(start.actionCall(), signal, ignoring, action(oldActions, signal), KERNEL_SET_BYTES);
                }
            }
            for (int i = 0; i < limits; i++) {
                libc.prlimit(0, start.limits().get(i).resource(), newLimits[i], oldLimits[i]);
            }
            libc.execve(name, arguments, variables);
            Errno errno = libc.errno();
            for (int i = 0; i < limits; i++) {
                libc.prlimit(0, start.limits().get(i).resource(), oldLimits[i], 0);
            }
            for (int signal = 1; signal <= SIGNALS; signal++) {
                if (start.ignores(signal)) {
                    libc.syscall(start.actionCall(), signal, action(oldActions, signal), 0, KERNEL_SET_BYTES);
                }
            }
            libc.syscall(start.maskCall(), SIG_SETMASK, oldMask, 0, KERNEL_SET_BYTES);
            return errno;
        }
    }

    private static long action(long actions, int signal) {
        return actions + (long) (signal - 1) * SIGACTION_BYTES;
    }

    /**
     * Ends this process at once, by {@code _exit(2)}. A JVM that is told to halt first waits 300 ms for threads that are in
     * native code, such as the one that waits for signals.
     */
    public void exitNow(int status) {
        libc.exitNow(status);
    }

    /** Ends this process by a signal's default action, without a core file of ours; returns if that is not deadly. */
    public void dieOf(int signal) {
        try (NativeArena arena = new NativeArena(libc)) {
            libc.setrlimit(RLIMIT_CORE, arena.allocate(2 * Long.BYTES));
            libc.signal(signal, SIG_DFL);
            libc.pthreadSigmask(SIG_UNBLOCK, signalSet(arena, 1L << (signal - 1)), 0);
            // To this thread: another one might take its time, and this one end the process meanwhile.
            libc.tgkill(libc.getpid(), libc.gettid(), signal);
        }
    }

    /** Whether a file gives capabilities to those who execute it ({@code xattr(7)}); a file that cannot be asked gives none. */
    public boolean hasFileCapabilities(Path path) {
        try (NativeArena arena = new NativeArena(libc)) {
            long file = arena.string(path.toString().getBytes(StandardCharsets.UTF_8));
            long attribute = arena.string(FILE_CAPABILITIES.getBytes(StandardCharsets.US_ASCII));
            return libc.getxattr(file, attribute, 0, 0) >= 0;
        }
    }
}
