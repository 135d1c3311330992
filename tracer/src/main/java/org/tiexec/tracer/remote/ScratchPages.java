package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.arch.Registers;
import org.tiexec.tracer.target.RunningProcess;

/**
 * Two pages of a process that are ours: one with the stub, which is executed, one with its data, which is written.
 *
 * <p>The stub's code is written while it is not executable yet, and never again: nobody has to force a write into code,
 * which kernels may forbid. Its data, the registers of the thread that is borrowed, is written each time.
 */
final class ScratchPages {
    /** By this name the pages of a tracer that has died can be told from the program's own. */
    static final String NAME = "tiexec scratch";

    private static final long BYTES = 2L * PageSize.BASE;
    private static final int TEXT_AT = 512;
    private static final int MAX_TEXT = 80;

    /** {@code PR_SET_VMA} ({@code linux/prctl.h}). */
    private static final long SET_VMA = 0x53564d41;

    /** {@code PR_SET_VMA_ANON_NAME}. */
    private static final long ANONYMOUS_NAME = 0;

    private final RunningProcess process;
    private final LiveArchitecture arch;
    private final Address place;

    private ScratchPages(RunningProcess process, LiveArchitecture arch, Address place) {
        this.process = process;
        this.arch = arch;
        this.place = place;
    }

    /**
     * Makes the pages.
     *
     * @return empty if something came in between: then the thread has gone home or is gone
     * @throws RefusedException if the kernel refuses
     * @throws IOException if they cannot be written
     */
    static Optional<ScratchPages> map(RunningProcess process, LiveArchitecture arch, FrameCalls calls)
            throws RefusedException, IOException {
        Optional<Long> mapped = calls.call(
                arch.number(SyscallName.MMAP),
                0,
                BYTES,
                ProtFlag.PROT_READ.value() | ProtFlag.PROT_WRITE.value(),
                MmapFlag.MAP_PRIVATE.value() | MmapFlag.MAP_ANONYMOUS.value(),
                -1,
                0);
        if (mapped.isEmpty()) {
            return Optional.empty();
        }
        if (Errno.isError(mapped.get())) {
            throw new RefusedException(
                    Refusal.Kind.NO_SCRATCH,
                    "no scratch pages in process " + process.pid() + ": " + Errno.ofRawResult(mapped.get()));
        }
        return Optional.of(new ScratchPages(process, arch, new Address(mapped.get())));
    }

    /**
     * Makes the stub executable.
     *
     * @return whether it is; if not, something came in between
     * @throws RefusedException if the kernel refuses
     * @throws IOException if the pages cannot be written
     */
    boolean arm(FrameCalls calls) throws RefusedException, IOException {
        process.write(place, arch.stubCode());
        Optional<Long> sealed = calls.call(
                arch.number(SyscallName.MPROTECT),
                place.bits(),
                PageSize.BASE,
                ProtFlag.PROT_READ.value() | ProtFlag.PROT_EXEC.value());
        if (sealed.isEmpty()) {
            return false;
        }
        if (sealed.get() != 0) {
            throw new RefusedException(
                    Refusal.Kind.NO_SCRATCH,
                    "process " + process.pid() + " may not make memory executable (mprotect: "
                            + Errno.describe(sealed.get()) + ")");
        }
        return true;
    }

    /**
     * Makes the stub lead a thread home.
     *
     * @throws IOException if the pages are no longer there
     */
    void prepareFor(BorrowedThread borrowed) throws IOException {
        byte[] code = new byte[arch.stubCode().length];
        process.read(place, ByteBuffer.wrap(code));
        if (!Arrays.equals(code, arch.stubCode())) {
            throw new IOException("the scratch pages at " + place + " are no longer ours");
        }
        process.write(place.plus(PageSize.BASE), arch.stubData(borrowed.saved()));
    }

    /** The registers with which a thread makes a call and goes home. */
    Registers calling(BorrowedThread borrowed, long number, long... arguments) {
        return arch.calling(borrowed.saved(), place, number, arguments);
    }

    /** The arguments of the call that names a piece of memory; the text is put into the data page. */
    long[] naming(AddressRange range, String name) throws IOException {
        byte[] text = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), MAX_TEXT);
        text[MAX_TEXT - 1] = 0;
        Address at = place.plus(PageSize.BASE + TEXT_AT);
        process.write(at, text);
        return new long[] {SET_VMA, ANONYMOUS_NAME, range.start().bits(), range.length(), at.bits()};
    }

    /** Removes them by a thread that does not execute them; the raw result, or empty if something came in between. */
    Optional<Long> unmap(FrameCalls calls) {
        return calls.call(arch.number(SyscallName.MUNMAP), place.bits(), BYTES);
    }

    long namingCall() {
        return arch.number(InjectedCall.PRCTL);
    }

    AddressRange range() {
        return AddressRange.ofLength(place, BYTES);
    }
}
