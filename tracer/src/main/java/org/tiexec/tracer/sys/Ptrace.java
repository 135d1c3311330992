package org.tiexec.tracer.sys;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The requests of {@code ptrace(2)}, for one tracee. Only the thread that seizes may use it.
 *
 * <p>Every method throws {@link SysException} when the kernel refuses, with ESRCH when the tracee is not in a
 * ptrace-stop or is gone.
 */
public final class Ptrace implements AutoCloseable {
    /** Marks system-call stops by bit 7 of the signal ({@code linux/ptrace.h}). */
    public static final int O_TRACESYSGOOD = 0x1;

    /** Stops the tracee after a successful execve. */
    public static final int O_TRACEEXEC = 0x10;

    /** Stops the tracee when it forks, and traces the child the same way. */
    public static final int O_TRACEFORK = 0x2;

    /** The same for vfork(2). */
    public static final int O_TRACEVFORK = 0x4;

    /** The same for every other clone(2), threads above all. */
    public static final int O_TRACECLONE = 0x8;

    /** Stops the tracee when it is about to end. */
    public static final int O_TRACEEXIT = 0x40;

    /** Kills the tracee when the tracer exits. */
    public static final int O_EXITKILL = 0x100000;

    /** Lets the tracee make calls that its seccomp filter forbids; a privilege. */
    public static final int O_SUSPEND_SECCOMP = 0x200000;

    private static final int POKETEXT = 4;
    private static final int POKEUSER = 6;
    private static final int CONT = 7;
    private static final int DETACH = 17;
    private static final int SYSCALL = 24;
    private static final int SETOPTIONS = 0x4200;
    private static final int GETEVENTMSG = 0x4201;
    private static final int GETREGSET = 0x4204;
    private static final int SETREGSET = 0x4205;
    private static final int GETSIGINFO = 0x4202;
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;
    private static final int LISTEN = 0x4208;
    private static final int PEEKSIGINFO = 0x4209;
    private static final int GETSIGMASK = 0x420a;
    private static final int SETSIGMASK = 0x420b;
    private static final int GET_SYSCALL_INFO = 0x420e;
    private static final int GET_RSEQ_CONFIGURATION = 0x420f;

    /** {@code PTRACE_PEEKSIGINFO_SHARED}: the signals that were sent to the process, not to one thread. */
    private static final long SHARED = 1;

    /** How many signals are peeked at by one request. */
    private static final int MOST_SIGNALS = 4;

    /** The general registers ({@code linux/elf.h}). */
    private static final int NT_PRSTATUS = 1;

    /** The rest of what a processor has to remember of a thread, in the form of XSAVE. */
    private static final int NT_X86_XSTATE = 0x202;

    /** More than any processor has; AMX alone takes 8 KB. */
    private static final int MAX_STATE_BYTES = 64 << 10;

    /** {@code struct ptrace_rseq_configuration}, the address first. */
    private static final int RSEQ_CONFIGURATION_BYTES = 24;

    /** {@code struct ptrace_syscall_info}: its beginning, with the part for entries. */
    private static final int SYSCALL_INFO_BYTES = 80;

    private static final int SYSCALL_ABI_AT = 4;
    private static final int SYSCALL_NUMBER_AT = 24;
    private static final int SYSCALL_ARGUMENTS = 6;

    /** {@code PTRACE_SYSCALL_INFO_ENTRY}. */
    private static final int SYSCALL_INFO_ENTRY = 1;

    private static final int WORD_BYTES = 8;
    private static final int MAX_REGISTER_WORDS = 64;

    private final LibC libc;
    private final NativeArena arena;
    private final int pid;
    private final long iovec;
    private final long buffer;

    /**
     * Prepares requests for a process that is not traced yet.
     *
     * @param library the bound C library
     * @param pid the tracee's thread id
     */
    public Ptrace(NativeLibrary library, int pid) {
        this.libc = library.libc();
        this.arena = new NativeArena(libc);
        this.pid = pid;
        this.iovec = arena.allocate(2 * WORD_BYTES);
        this.buffer = arena.allocate(MAX_REGISTER_WORDS * WORD_BYTES);
    }

    /** Starts tracing without stopping the tracee. */
    public void seize(int options) {
        request(SEIZE, "PTRACE_SEIZE", 0, options);
    }

    /** Changes the options; the tracee must be in a ptrace-stop. */
    public void setOptions(int options) {
        request(SETOPTIONS, "PTRACE_SETOPTIONS", 0, options);
    }

    /** Asks for a PTRACE_EVENT_STOP; the tracee may be running. */
    public void interrupt() {
        request(INTERRUPT, "PTRACE_INTERRUPT", 0, 0);
    }

    /** Lets the tracee run, delivering {@code signal} unless it is 0. */
    public void resume(int signal) {
        request(CONT, "PTRACE_CONT", 0, signal);
    }

    /** Lets the tracee run to its next system-call stop, delivering {@code signal} unless it is 0. */
    public void resumeToSyscall(int signal) {
        request(SYSCALL, "PTRACE_SYSCALL", 0, signal);
    }

    /** Leaves the tracee in its group-stop but listens for its end. */
    public void listen() {
        request(LISTEN, "PTRACE_LISTEN", 0, 0);
    }

    /** Ends tracing and lets the tracee run, delivering {@code signal} unless it is 0. */
    public void detach(int signal) {
        request(DETACH, "PTRACE_DETACH", 0, signal);
    }

    /** The general registers, as many 64-bit words as the kernel has of them. */
    public long[] registers() {
        vector(MAX_REGISTER_WORDS);
        request(GETREGSET, "PTRACE_GETREGSET", NT_PRSTATUS, iovec);
        long[] words = new long[(int) (libc.memory().getLong(iovec + WORD_BYTES) / WORD_BYTES)];
        libc.memory().getLongArray(buffer, words, 0, words.length);
        return words;
    }

    /** Replaces the general registers. */
    public void setRegisters(long[] words) {
        libc.memory().putLongArray(buffer, words, 0, words.length);
        vector(words.length);
        request(SETREGSET, "PTRACE_SETREGSET", NT_PRSTATUS, iovec);
    }

    private void vector(int words) {
        libc.memory().putLong(iovec, buffer);
        libc.memory().putLong(iovec + WORD_BYTES, (long) words * WORD_BYTES);
    }

    /** The state of floating-point and vector registers as XSAVE stores it. */
    public byte[] processorState() {
        try (NativeArena own = new NativeArena(libc)) {
            long state = own.allocate(MAX_STATE_BYTES);
            libc.memory().putLong(iovec, state);
            libc.memory().putLong(iovec + WORD_BYTES, MAX_STATE_BYTES);
            request(GETREGSET, "PTRACE_GETREGSET", NT_X86_XSTATE, iovec);
            byte[] bytes = new byte[(int) libc.memory().getLong(iovec + WORD_BYTES)];
            libc.memory().getByteArray(state, bytes, 0, bytes.length);
            return bytes;
        }
    }

    /**
     * The address of the tracee's {@code struct rseq}, 0 if it has registered none ({@code
     * PTRACE_GET_RSEQ_CONFIGURATION}, since Linux 5.13).
     */
    public long restartableSequences() {
        request(GET_RSEQ_CONFIGURATION, "PTRACE_GET_RSEQ_CONFIGURATION", RSEQ_CONFIGURATION_BYTES, buffer);
        return libc.memory().getLong(buffer);
    }

    /** Writes a word of the tracee's {@code struct user}, such as a debug register. */
    public void writeUserWord(long offset, long value) {
        request(POKEUSER, "PTRACE_POKEUSER", offset, value);
    }

    /** Writes a word into the tracee's memory, whatever its protection; a private file mapping gets a page of its own. */
    public void writeWord(long address, long value) {
        request(POKETEXT, "PTRACE_POKETEXT", address, value);
    }

    /** What belongs to the event for which the tracee stands: of a fork the child, of an execve the number that a thread had before. */
    public long eventMessage() {
        request(GETEVENTMSG, "PTRACE_GETEVENTMSG", 0, buffer);
        return libc.memory().getLong(buffer);
    }

    /** The system call at whose entry the tracee stands; empty at an exit. */
    public Optional<SyscallEntry> syscallEntry() {
        request(GET_SYSCALL_INFO, "PTRACE_GET_SYSCALL_INFO", SYSCALL_INFO_BYTES, buffer);
        if (libc.memory().getByte(buffer) != SYSCALL_INFO_ENTRY) {
            return Optional.empty();
        }
        long[] words = new long[1 + SYSCALL_ARGUMENTS];
        libc.memory().getLongArray(buffer + SYSCALL_NUMBER_AT, words, 0, words.length);
        return Optional.of(new SyscallEntry(
                libc.memory().getInt(buffer + SYSCALL_ABI_AT), words[0], words[1], words[2], words[3]));
    }

    /** The mask of blocked signals; bit N−1 stands for signal N. */
    public long signalMask() {
        request(GETSIGMASK, "PTRACE_GETSIGMASK", WORD_BYTES, buffer);
        return libc.memory().getLong(buffer);
    }

    /** Replaces the mask of blocked signals. */
    public void setSignalMask(long mask) {
        libc.memory().putLong(buffer, mask);
        request(SETSIGMASK, "PTRACE_SETSIGMASK", WORD_BYTES, buffer);
    }

    /** The signal that a tracee in a signal-delivery-stop is about to get. */
    public SignalInfo signalInfo() {
        request(GETSIGINFO, "PTRACE_GETSIGINFO", 0, buffer);
        return signalInfo(buffer);
    }

    /** The signals that wait for the process as a whole, in the order in which they were sent; they go on waiting. */
    public List<SignalInfo> pendingSignals() {
        List<SignalInfo> signals = new ArrayList<>();
        while (true) {
            // struct ptrace_peeksiginfo_args: where to begin, flags and count
            libc.memory().putLong(iovec, signals.size());
            libc.memory().putLong(iovec + WORD_BYTES, SHARED | (long) MOST_SIGNALS << Integer.SIZE);
            long count = request(PEEKSIGINFO, "PTRACE_PEEKSIGINFO", iovec, buffer);
            if (count == 0) {
                return signals;
            }
            for (int i = 0; i < count; i++) {
                signals.add(signalInfo(buffer + (long) i * SignalInfo.BYTES));
            }
        }
    }

    private SignalInfo signalInfo(long address) {
        byte[] bytes = new byte[SignalInfo.BYTES];
        libc.memory().getByteArray(address, bytes, 0, bytes.length);
        return SignalInfo.of(bytes);
    }

    private long request(int request, String name, long address, long data) {
        long result = libc.ptrace(request, pid, address, data);
        if (result == -1) {
            throw new SysException("ptrace(" + name + ")", libc.errno(), "process " + pid);
        }
        return result;
    }

    /** Frees what was allocated; the tracee is not touched. */
    @Override
    public void close() {
        arena.close();
    }
}
