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
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A scope in which the target makes system calls for us from a scratch page of its own.
 *
 * <p>The page holds a loop of {@code exit_group(1)}; at the entry of each round the call is turned into the one that is
 * wanted. While the scope is open every signal is blocked and the target dies with the tracer. Closing it removes the
 * page and restores registers and signal mask.
 */
public final class RemoteSyscalls implements RemoteCalls {
    private final Target target;
    private final Architecture arch;
    private Optional<Borrowing> borrowing = Optional.empty();
    private Address scratch = Address.ZERO;
    private boolean withinCall;
    private Optional<String> leftBehind = Optional.empty();

    /** Is about calls of a target that stands at the exit of a system call or at an interrupt stop. */
    public RemoteSyscalls(Target target, Architecture arch) {
        this.target = target;
        this.arch = arch;
    }

    /** The same, opened. */
    public static RemoteSyscalls open(Target target, Architecture arch) throws IOException, TargetGoneException {
        RemoteSyscalls calls = new RemoteSyscalls(target, arch);
        calls.open();
        return calls;
    }

    /**
     * Opens the scope.
     *
     * @throws IOException if the scratch page cannot be set up; the target may run on as it was
     * @throws SysException if the target cannot be restored; it must not run on
     * @throws TargetGoneException if the target ended
     */
    @Override
    public void open() throws IOException, TargetGoneException {
        Registers saved;
        Address site;
        Borrowing begun;
        try {
            saved = target.registers();
            site = SyscallSite.find(target, arch);
            begun = Borrowing.begin(target, arch, saved);
        } catch (SysException e) {
            throw notSetUp(target, "", e);
        }
        try {
            Address page = scratchPage(target, arch, new ForeignCall(target, arch, saved, site));
            target.setRegisters(arch.resumingAt(saved, page));
            scratch = page;
            borrowing = Optional.of(begun);
        } catch (IOException e) {
            begun.end();
            throw e;
        } catch (SysException e) {
            // Wherever it stands, it can go back: at most a page of ours stays behind, which nothing refers to.
            begun.end();
            throw notSetUp(target, "; an unused page of 4 KB may stay in it", e);
        }
    }

    private static IOException notSetUp(Target target, String remainder, SysException reason) {
        return new IOException(
                "no scratch page in process " + target.pid() + ": " + reason.getMessage() + remainder, reason);
    }

    /** Written while writable and only then made executable: needs no forced write, which kernels may forbid. */
    private static Address scratchPage(Target target, Architecture arch, ForeignCall calls)
            throws IOException, TargetGoneException {
        long page = calls.map(PageSize.BASE);
        if (Errno.isError(page)) {
            throw new IOException("no scratch page in process " + target.pid() + ": " + Errno.ofRawResult(page));
        }
        try {
            target.write(new Address(page), arch.exitLoop());
        } catch (IOException e) {
            calls.call(arch.number(SyscallName.MUNMAP), page, PageSize.BASE);
            throw e;
        }
        long sealed = calls.call(
                arch.number(SyscallName.MPROTECT),
                page,
                PageSize.BASE,
                ProtFlag.PROT_READ.value() | ProtFlag.PROT_EXEC.value());
        if (sealed != 0) {
            calls.call(arch.number(SyscallName.MUNMAP), page, PageSize.BASE);
            throw new IOException("process " + target.pid() + " may not make memory executable (mprotect: "
                    + Errno.describe(sealed) + ")");
        }
        return new Address(page);
    }

    @Override
    public long call(SyscallName name, long... arguments) throws TargetGoneException {
        withinCall = true;
        target.runToSyscallStop();
        Registers atEntry = target.registers();
        if (arch.callNumber(atEntry) != arch.number(InjectedCall.EXIT_GROUP)) {
            throw new IllegalStateException(
                    "process " + target.pid() + " left the loop of the scratch page: call " + arch.callNumber(atEntry));
        }
        target.setRegisters(arch.substituting(atEntry, arch.number(name), arguments));
        target.runToSyscallStop();
        long result = arch.result(target.registers());
        withinCall = false;
        return result;
    }

    /**
     * Removes the scratch page and restores what was saved. Does nothing if a call has not come to its end: then nobody
     * knows what the target has done, and it must not execute another instruction.
     *
     * @throws SysException if the target cannot be restored; it must not run on
     * @throws TargetGoneException if the target ended
     */
    @Override
    public void close() throws TargetGoneException {
        if (withinCall || borrowing.isEmpty()) {
            return;
        }
        Optional<String> obstacle;
        try {
            long unmapped = call(SyscallName.MUNMAP, scratch.bits(), PageSize.BASE);
            obstacle = unmapped == 0 ? Optional.empty() : Optional.of(Errno.describe(unmapped));
        } catch (SysException e) {
            obstacle = Optional.of(String.valueOf(e.getMessage()));
        }
        borrowing.get().end();
        borrowing = Optional.empty();
        if (obstacle.isPresent()) {
            leftBehind = Optional.of("the scratch page at " + scratch + " could not be removed from process "
                    + target.pid() + ": " + obstacle.get());
        }
    }

    @Override
    public Optional<String> remains() {
        return leftBehind;
    }
}
