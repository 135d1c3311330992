package org.tiexec.tracer.remote;

import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/** Makes single system calls at an instruction that the target has mapped already. */
final class ForeignCall {
    private final Target target;
    private final Architecture arch;
    private final Registers base;
    private final Address site;

    /**
     * Prepares calls at {@code site}.
     *
     * @param base the registers from which each call's are made
     */
    ForeignCall(Target target, Architecture arch, Registers base, Address site) {
        this.target = target;
        this.arch = arch;
        this.base = base;
        this.site = site;
    }

    /** Brings the target to the entry of the call. */
    void enter(long number, long... arguments) throws TargetGoneException {
        target.setRegisters(arch.calling(base, site, number, arguments));
        target.runToSyscallStop();
        long entered = arch.callNumber(target.registers());
        if (entered != number) {
            throw new IllegalStateException("process " + target.pid() + " entered call " + entered + ", not " + number);
        }
    }

    /** Makes the whole call; its raw result. */
    long call(long number, long... arguments) throws TargetGoneException {
        enter(number, arguments);
        target.runToSyscallStop();
        return arch.result(target.registers());
    }

    /**
     * Maps memory of the target's own that may be read and written.
     *
     * @param bytes a multiple of the page size
     * @return its address or an error, as the kernel returns it
     */
    long map(long bytes) throws TargetGoneException {
        return call(
                arch.number(SyscallName.MMAP),
                0,
                bytes,
                ProtFlag.PROT_READ.value() | ProtFlag.PROT_WRITE.value(),
                MmapFlag.MAP_PRIVATE.value() | MmapFlag.MAP_ANONYMOUS.value(),
                -1,
                0);
    }
}
