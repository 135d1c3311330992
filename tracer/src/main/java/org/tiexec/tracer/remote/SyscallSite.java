package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.target.Target;

/**
 * Finds an instruction that enters the kernel in code that the target has mapped already, so that a first call can be
 * made without writing to any page of the program.
 */
final class SyscallSite {
    private static final String VDSO = "[vdso]";
    private static final int MAX_SEARCHED = 1 << 20;

    private SyscallSite() {}

    /**
     * Looks in the vDSO first, then in every other executable mapping.
     *
     * @throws IOException if the target's memory cannot be read or has no such instruction
     */
    static Address find(Target target, Architecture arch) throws IOException {
        List<Mapping> mappings;
        try {
            mappings = MapsParser.parse(target.procFile("maps"));
        } catch (ProcFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
        for (int pass = 0; pass < 2; pass++) {
            for (Mapping mapping : mappings) {
                boolean vdso = mapping.name().equals(VDSO);
                if (mapping.protection().execute() && mapping.protection().read() && vdso == (pass == 0)) {
                    int at = search(target, mapping, arch.syscallInstruction());
                    if (at >= 0) {
                        return mapping.range().start().plus(at);
                    }
                }
            }
        }
        throw new IOException("no system-call instruction in the code of process " + target.pid());
    }

    private static int search(Target target, Mapping mapping, byte[] instruction) throws IOException {
        int length = (int) Math.min(mapping.range().length(), MAX_SEARCHED);
        byte[] code = new byte[length];
        target.read(mapping.range().start(), ByteBuffer.wrap(code));
        for (int i = 0; i + instruction.length <= length; i++) {
            int matched = 0;
            while (matched < instruction.length && code[i + matched] == instruction[matched]) {
                matched++;
            }
            if (matched == instruction.length) {
                return i;
            }
        }
        return -1;
    }
}
