package org.tiexec.tracer.remote;

import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.Target;

/**
 * A stretch of time in which a stopped target works for us: no signal reaches it, since all are blocked, while it dies
 * with the tracer.
 */
final class Borrowing {
    private final Target target;
    private final Architecture arch;
    private final Registers saved;
    private final long savedMask;

    private Borrowing(Target target, Architecture arch, Registers saved, long savedMask) {
        this.target = target;
        this.arch = arch;
        this.saved = saved;
        this.savedMask = savedMask;
    }

    /**
     * Begins.
     *
     * @param saved the target's registers, to which it will return
     * @throws SysException if the kernel refuses; the target is as it was
     */
    static Borrowing begin(Target target, Architecture arch, Registers saved) {
        Borrowing borrowing = new Borrowing(target, arch, saved, target.signalMask());
        target.dieWithTracer(true);
        try {
            target.setSignalMask(-1L);
        } catch (SysException e) {
            target.dieWithTracer(false);
            throw e;
        }
        return borrowing;
    }

    /**
     * Ends it in any ptrace-stop: a system call that the target is just entering is not made.
     *
     * @throws SysException if the kernel refuses; the target must not run on
     */
    void end() {
        target.setRegisters(arch.restoring(saved));
        target.setSignalMask(savedMask);
        target.dieWithTracer(false);
    }
}
