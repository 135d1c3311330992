package org.tiexec.tracer.remote;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A scope in which a process that is no ancestor of the target may read and write its memory.
 *
 * <p>Where {@code kernel.yama.ptrace_scope} is 1, only the target itself can allow that ({@code PR_SET_PTRACER}), so it is
 * made to. A process that has just been started has allowed nobody: taking the leave back restores what was.
 */
public final class AccessGrant implements AutoCloseable {
    /** {@code PR_SET_PTRACER} ({@code linux/prctl.h}). */
    private static final int SET_PTRACER = 0x59616d61;

    private static final int NOBODY = 0;

    private final Target target;
    private final Architecture arch;
    private final int reader;
    private Address site = Address.ZERO;
    private Optional<String> leftBehind = Optional.empty();

    /**
     * Is about a target that stands at the exit of a system call or at an interrupt stop.
     *
     * @param reader the process that is to read and write
     */
    public AccessGrant(Target target, Architecture arch, int reader) {
        this.target = target;
        this.arch = arch;
        this.reader = reader;
    }

    /**
     * Opens the scope.
     *
     * @throws IOException if the leave cannot be given; the target is as it was
     * @throws TargetGoneException if the target ended
     */
    public void open() throws IOException, TargetGoneException {
        site = SyscallSite.find(target, arch);
        long result = allow(reader);
        if (result != 0) {
            throw new IOException("process " + target.pid() + " cannot let process " + reader
                    + " at its memory (prctl(PR_SET_PTRACER): " + Errno.describe(result) + ")");
        }
    }

    /**
     * Takes the leave back.
     *
     * @throws TargetGoneException if the target ended
     */
    @Override
    public void close() throws TargetGoneException {
        long result = allow(NOBODY);
        if (result != 0) {
            leftBehind = Optional.of("the leave to read process " + target.pid()
                    + " could not be taken back (prctl(PR_SET_PTRACER): " + Errno.describe(result)
                    + "); it ends with the helper");
        }
    }

    /** After closing: what of ours is still in the target, which is harmless to it but ours to tell. */
    public Optional<String> leftBehind() {
        return leftBehind;
    }

    private long allow(int reader) throws TargetGoneException {
        Registers saved = target.registers();
        // Elsewhere than in its own code until the registers are back.
        Borrowing borrowing = Borrowing.begin(target, arch, saved);
        long result =
                new ForeignCall(target, arch, saved, site).call(arch.number(InjectedCall.PRCTL), SET_PTRACER, reader);
        borrowing.end();
        return result;
    }
}
