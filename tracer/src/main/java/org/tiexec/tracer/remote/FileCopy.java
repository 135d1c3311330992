package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A page of a private file mapping that has become the program's own because we have written there.
 *
 * <p>Given back, it is the file's again, as it was. One that differs from the file, which ld.so may have patched, is kept.
 */
final class FileCopy {
    /** {@code MADV_DONTNEED} ({@code asm-generic/mman-common.h}): what a private file mapping had changed is dropped. */
    private static final long MADV_DONTNEED = 4;

    private static final int BYTES = (int) PageSize.BASE;

    private final PtraceTarget target;
    private final Architecture arch;
    private final Address page;

    /** The page that holds an address in the executable. */
    FileCopy(PtraceTarget target, Architecture arch, Address within) {
        this.target = target;
        this.arch = arch;
        this.page = within.alignDown(PageSize.BASE);
    }

    /**
     * Gives it back to the file if it equals the file's.
     *
     * @throws TargetGoneException if the program has ended
     */
    void giveBack() throws TargetGoneException {
        try {
            if (equalsFile()) {
                try (RemoteSyscalls calls = RemoteSyscalls.open(target, arch)) {
                    calls.call(SyscallName.MADVISE, page.bits(), PageSize.BASE, MADV_DONTNEED);
                }
            }
        } catch (IOException | ProcFormatException e) {
            // It stays a page of the program's own, with the same content.
            return;
        }
    }

    private boolean equalsFile() throws IOException, ProcFormatException {
        for (Mapping mapping : MapsParser.parse(target.procFile("maps"))) {
            if (mapping.range().contains(page) && mapping.isFileCode()) {
                ByteBuffer own = ByteBuffer.allocate(BYTES);
                target.read(page, own);
                long offset =
                        mapping.fileOffset() + page.distanceFrom(mapping.range().start());
                return Arrays.equals(own.array(), target.executable(offset, BYTES));
            }
        }
        return false;
    }
}
