package org.tiexec.tracer.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Ids;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SignalSets;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.Identity;
import org.tiexec.tracer.sys.IntervalTimer;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * An execve that a stopped stub makes with bytes of ours: no shell or library stands between the user's arguments and
 * environment and the program.
 */
public final class RemoteExec implements AutoCloseable {
    private static final int POINTER_BYTES = 8;

    /** The kernel's {@code struct sigaction} ({@code asm/signal.h}): handler, flags, restorer, mask. */
    private static final int SIGACTION_BYTES = 32;

    private static final int SIGNAL_SET_BYTES = 8;
    private static final int SIG_DFL = 0;
    private static final int SIG_IGN = 1;

    private static final long LAST_DESCRIPTOR = 0xffff_ffffL;

    /** {@code PR_SET_CHILD_SUBREAPER} ({@code linux/prctl.h}). */
    private static final int SET_CHILD_SUBREAPER = 36;

    /** Two paths of the greatest length, as a script needs that is run by a shell, and pointers to its words. */
    private static final int PATHS_BYTES = 2 * 4096 + 4 * POINTER_BYTES;

    private final PtraceTarget stub;
    private final Architecture arch;
    private final Registers saved;
    private final ForeignCall calls;
    private boolean over;
    private Optional<AddressRange> reserved = Optional.empty();

    /**
     * Prepares a stub that stands at an interrupt stop.
     *
     * @throws IOException if its memory cannot be read
     */
    public RemoteExec(PtraceTarget stub, Architecture arch) throws IOException {
        this.stub = stub;
        this.arch = arch;
        this.saved = stub.registers();
        this.calls = new ForeignCall(stub, arch, saved, SyscallSite.find(stub, arch));
    }

    /**
     * Makes the stub, and so the program, ignore just these signals.
     *
     * <p>A JVM has handlers of its own, and {@code posix_spawn} ignores two signals of the C library in what it starts.
     *
     * @param wanted the signals; bit N−1 stands for signal N
     * @throws IOException if the stub cannot be read or written, or the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    public void ignoreSignals(long wanted) throws IOException, TargetGoneException {
        long different = ignoredSignals() ^ wanted;
        if (different == 0) {
            return;
        }
        Address action = map(SIGACTION_BYTES);
        for (int signal = 1; signal <= Long.SIZE; signal++) {
            long bit = 1L << (signal - 1);
            if ((different & bit) != 0) {
                byte[] handler = new byte[SIGACTION_BYTES];
                handler[0] = (byte) ((wanted & bit) != 0 ? SIG_IGN : SIG_DFL);
                stub.write(action, handler);
                require(
                        "rt_sigaction(" + signal + ")",
                        calls.call(arch.number(InjectedCall.RT_SIGACTION), signal, action.bits(), 0, SIGNAL_SET_BYTES));
            }
        }
    }

    /**
     * Closes all descriptors of the stub, and so of the program, but some.
     *
     * <p>Not before the stub is started, in this process: the threads of a JVM may open files at any moment.
     *
     * @param inherited the descriptors that the program is to get
     * @throws IOException if the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    public void closeDescriptorsBut(Set<Integer> inherited) throws IOException, TargetGoneException {
        long next = 0;
        for (int descriptor : new TreeSet<>(inherited)) {
            closeRange(next, descriptor - 1L);
            next = descriptor + 1L;
        }
        closeRange(next, LAST_DESCRIPTOR);
    }

    /**
     * Gives the program an open file of the stub's under another number.
     *
     * @throws IOException if the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    public void moveDescriptor(int from, int to) throws IOException, TargetGoneException {
        long result = calls.call(arch.number(InjectedCall.DUP3), from, to, 0);
        require("dup3", result == to ? 0 : result);
    }

    private void closeRange(long first, long last) throws IOException, TargetGoneException {
        if (first <= last) {
            require("close_range", calls.call(arch.number(InjectedCall.CLOSE_RANGE), first, last, 0));
        }
    }

    /**
     * Makes the orphans among the program's descendants its children.
     *
     * @throws IOException if the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    public void becomeSubreaper() throws IOException, TargetGoneException {
        require("prctl(PR_SET_CHILD_SUBREAPER)", calls.call(arch.number(InjectedCall.PRCTL), SET_CHILD_SUBREAPER, 1));
    }

    /**
     * Starts interval timers, which go on through the execve.
     *
     * @throws IOException if the stub cannot be written or the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    public void startTimers(List<IntervalTimer> timers) throws IOException, TargetGoneException {
        for (IntervalTimer timer : timers) {
            byte[] value = timer.bytes();
            Address area = map(value.length);
            stub.write(area, value);
            require("setitimer", calls.call(arch.number(InjectedCall.SETITIMER), timer.which(), area.bits(), 0));
        }
    }

    /**
     * Makes the stub, and so the program, somebody else. It can take nothing back, and no file of the program's is opened
     * before: whether they may be executed is judged with the new ids.
     *
     * @throws IdentityRefusedException if the kernel refuses, or has done something else
     * @throws IOException if the stub cannot be read or written
     * @throws TargetGoneException if it was killed
     */
    public void assume(Identity identity) throws IOException, TargetGoneException {
        byte[] groups = identity.groupList();
        Address list = Address.ZERO;
        if (groups.length > 0) {
            list = room(groups.length);
            stub.write(list, groups);
        }
        become(
                identity,
                "setgroups",
                calls.call(
                        arch.number(InjectedCall.SETGROUPS),
                        identity.supplementary().size(),
                        list.bits()));
        long group = identity.group();
        become(identity, "setresgid", calls.call(arch.number(InjectedCall.SETRESGID), group, group, group));
        long user = identity.user();
        become(identity, "setresuid", calls.call(arch.number(InjectedCall.SETRESUID), user, user, user));
        try {
            Ids ids = new Ids(stub.procFile("status"));
            if (!identity.isWhollyIn(ids.users(), ids.groups(), ids.supplementary())) {
                throw new IdentityRefusedException("process " + stub.pid() + " has not become " + identity);
            }
        } catch (ProcFormatException e) {
            throw new IdentityRefusedException("process " + stub.pid() + ": " + e.getMessage());
        }
    }

    private void become(Identity identity, String call, long result) throws IdentityRefusedException {
        if (result != 0) {
            throw new IdentityRefusedException(
                    "it cannot become " + identity + " (" + call + ": " + Errno.describe(result) + ")");
        }
    }

    private Address room(int bytes) throws IOException, TargetGoneException {
        return reserved.isPresent() && reserved.get().length() >= bytes
                ? reserved.get().start()
                : map(bytes);
    }

    private void require(String call, long result) throws IOException {
        if (result != 0) {
            throw new IOException(call + " in process " + stub.pid() + ": " + Errno.describe(result));
        }
    }

    private long ignoredSignals() throws IOException {
        try {
            return new SignalSets(stub.procFile("status")).ignored();
        } catch (ProcFormatException e) {
            throw new IOException("process " + stub.pid() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Takes the memory that {@link #tryPath} will need, before the program's limits are set: the kernel does not count it
     * when a program is executed.
     *
     * @throws IOException if there is none
     * @throws TargetGoneException if it was killed
     */
    public void reserve(List<byte[]> argv, List<byte[]> environment) throws IOException, TargetGoneException {
        long bytes = PATHS_BYTES;
        for (byte[] text : argv) {
            bytes += text.length + 1L + POINTER_BYTES;
        }
        for (byte[] text : environment) {
            bytes += text.length + 1L + POINTER_BYTES;
        }
        int wanted = Math.toIntExact(bytes);
        reserved = Optional.of(AddressRange.ofLength(map(wanted), wanted));
    }

    /**
     * Tries one path.
     *
     * @param path the executable
     * @param argv the arguments, the name first
     * @param environment the variables, each {@code name=value}
     * @return why the kernel refused; empty if the stub is the program now and stands before its first instruction
     * @throws IOException if the stub's memory cannot be written
     * @throws TargetGoneException if it was killed, or if the kernel could not finish what it had begun
     */
    public Optional<Errno> tryPath(byte[] path, List<byte[]> argv, List<byte[]> environment)
            throws IOException, TargetGoneException {
        ByteArrayOutputStream strings = new ByteArrayOutputStream();
        int pathAt = append(strings, path);
        int[] argvAt = appendAll(strings, argv);
        int[] environmentAt = appendAll(strings, environment);
        int vectorsAt = (strings.size() + POINTER_BYTES - 1) & -POINTER_BYTES;
        int vectorBytes = (argvAt.length + environmentAt.length + 2) * POINTER_BYTES;
        int bytes = vectorsAt + vectorBytes;

        Address area = room(bytes);
        ByteBuffer image = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        image.put(strings.toByteArray());
        image.position(vectorsAt);
        putPointers(image, area, argvAt);
        int environmentVector = image.position();
        putPointers(image, area, environmentAt);
        stub.write(area, image.array());

        calls.enter(
                arch.number(InjectedCall.EXECVE),
                area.plus(pathAt).bits(),
                area.plus(vectorsAt).bits(),
                area.plus(environmentVector).bits());
        if (stub.runThroughExec()) {
            over = true;
            return Optional.empty();
        }
        if (hasLost(area)) {
            over = true;
            throw new TargetGoneException(stub.letEnd());
        }
        return Optional.of(Errno.ofRawResult(arch.result(stub.registers())));
    }

    /**
     * Whether the old memory is gone. An execve that fails after that cannot return to where it was called: the kernel
     * ends the process, as it does without us ({@code bprm_execve}, {@code fs/exec.c}).
     */
    private boolean hasLost(Address area) {
        try {
            stub.read(area, ByteBuffer.allocate(1));
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Where the stub has not become the program, it can go on as if nothing had been. */
    @Override
    public void close() {
        if (!over) {
            stub.setRegisters(arch.restoring(saved));
        }
    }

    private Address map(int bytes) throws IOException, TargetGoneException {
        long length = (bytes + PageSize.BASE - 1) & -PageSize.BASE;
        long result = calls.map(length);
        if (Errno.isError(result)) {
            throw new IOException(
                    "no memory for arguments in process " + stub.pid() + ": " + Errno.ofRawResult(result));
        }
        return new Address(result);
    }

    private static int[] appendAll(ByteArrayOutputStream strings, List<byte[]> texts) {
        int[] offsets = new int[texts.size()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = append(strings, texts.get(i));
        }
        return offsets;
    }

    private static int append(ByteArrayOutputStream strings, byte[] text) {
        int offset = strings.size();
        strings.write(text, 0, text.length);
        strings.write(0);
        return offset;
    }

    private static void putPointers(ByteBuffer image, Address area, int[] offsets) {
        for (int offset : offsets) {
            image.putLong(area.plus(offset).bits());
        }
        image.putLong(0);
    }
}
