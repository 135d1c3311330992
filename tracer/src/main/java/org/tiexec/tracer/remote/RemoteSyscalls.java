package org.tiexec.tracer.remote;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A scope in which the target makes system calls for us from a scratch page of its own.
 *
 * <p>The page holds a loop of {@code exit_group(1)}; at the entry of each round the call is turned into the one that is
 * wanted. While the scope is open every signal is blocked and the target dies with the tracer. Closing it removes the
 * page and restores registers and signal mask.
 */
public final class RemoteSyscalls implements RemoteCalls, AutoCloseable {
    private final Target target;
    private final Architecture arch;
    private final Registers saved;
    private final long savedMask;
    private final Address scratch;
    private Optional<String> leftBehind = Optional.empty();

    private RemoteSyscalls(Target target, Architecture arch, Registers saved, long savedMask, Address scratch) {
        this.target = target;
        this.arch = arch;
        this.saved = saved;
        this.savedMask = savedMask;
        this.scratch = scratch;
    }

    /**
     * Opens the scope in a target that stands at the exit of a system call or at an interrupt stop.
     *
     * @throws IOException if the scratch page cannot be set up; the target is as it was
     * @throws TargetGoneException if the target ended
     */
    public static RemoteSyscalls open(Target target, Architecture arch) throws IOException, TargetGoneException {
        Registers saved = target.registers();
        long savedMask = target.signalMask();
        target.dieWithTracer(true);
        target.setSignalMask(-1L);
        ForeignCall calls = new ForeignCall(target, arch, saved, SyscallSite.find(target, arch));
        long page = calls.map(PageSize.BASE);
        if (Errno.isError(page)) {
            restore(target, arch, saved, savedMask);
            throw new IOException("no scratch page in process " + target.pid() + ": " + Errno.ofRawResult(page));
        }
        // Written while writable and only then made executable: needs no forced write, which kernels may forbid.
        try {
            target.write(new Address(page), arch.exitLoop());
        } catch (IOException e) {
            calls.call(arch.number(SyscallName.MUNMAP), page, PageSize.BASE);
            restore(target, arch, saved, savedMask);
            throw e;
        }
        long sealed = calls.call(
                arch.number(SyscallName.MPROTECT),
                page,
                PageSize.BASE,
                ProtFlag.PROT_READ.value() | ProtFlag.PROT_EXEC.value());
        if (sealed != 0) {
            calls.call(arch.number(SyscallName.MUNMAP), page, PageSize.BASE);
            restore(target, arch, saved, savedMask);
            throw new IOException("process " + target.pid() + " may not make memory executable (mprotect: "
                    + Errno.ofRawResult(sealed) + ")");
        }
        target.setRegisters(arch.resumingAt(saved, new Address(page)));
        return new RemoteSyscalls(target, arch, saved, savedMask, new Address(page));
    }

    @Override
    public long call(SyscallName name, long... arguments) throws TargetGoneException {
        target.runToSyscallStop();
        Registers atEntry = target.registers();
        if (arch.callNumber(atEntry) != arch.number(InjectedCall.EXIT_GROUP)) {
            throw new IllegalStateException(
                    "process " + target.pid() + " left the loop of the scratch page: call " + arch.callNumber(atEntry));
        }
        target.setRegisters(arch.substituting(atEntry, arch.number(name), arguments));
        target.runToSyscallStop();
        return arch.result(target.registers());
    }

    /**
     * Removes the scratch page and restores what was saved.
     *
     * @throws TargetGoneException if the target ended
     */
    @Override
    public void close() throws TargetGoneException {
        long unmapped = call(SyscallName.MUNMAP, scratch.bits(), PageSize.BASE);
        restore(target, arch, saved, savedMask);
        if (unmapped != 0) {
            leftBehind = Optional.of("the scratch page at " + scratch + " could not be removed from process "
                    + target.pid() + ": " + Errno.ofRawResult(unmapped));
        }
    }

    /** After closing: what of ours is still in the target, which is harmless to it but ours to tell. */
    public Optional<String> leftBehind() {
        return leftBehind;
    }

    private static void restore(Target target, Architecture arch, Registers saved, long mask) {
        target.setRegisters(arch.restoring(saved));
        target.setSignalMask(mask);
        target.dieWithTracer(false);
    }
}
