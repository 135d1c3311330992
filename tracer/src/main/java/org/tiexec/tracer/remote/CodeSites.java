package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.target.ProcessView;

/**
 * Places in the code of a process by which one of its threads can make a call and go home without code of ours.
 *
 * @param call enters the kernel and then returns
 * @param signalReturn returns from a signal
 */
record CodeSites(Address call, Address signalReturn) {
    private static final String VDSO = "[vdso]";
    private static final int CHUNK = 1 << 20;

    /** Longer than any piece of code that is looked for. */
    private static final int OVERLAP = 64;

    /**
     * Looks in the vDSO, which never goes away, then in files, the smallest first: what returns from a signal is in the C
     * library, which does not go away either, or in the program itself if it is static. Last comes code without a file, as
     * an attach leaves it.
     *
     * @throws IOException if it cannot be read or has no such code
     */
    static CodeSites find(ProcessView process, LiveArchitecture arch, List<Mapping> mappings) throws IOException {
        List<Mapping> searched = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.name().equals(VDSO) || mapping.isReplaceableCode() || mapping.isCodeInMemory()) {
                searched.add(mapping);
            }
        }
        searched.sort(Comparator.comparingInt(CodeSites::order)
                .thenComparingLong(mapping -> mapping.range().length()));
        Address signalReturn = find(process, searched, arch::signalReturn, "code that returns from a signal");
        searched.sort(Comparator.comparing(
                mapping -> !mapping.name().equals(VDSO) && !mapping.range().contains(signalReturn)));
        return new CodeSites(
                find(process, searched, arch::callThenReturn, "system-call instruction before a return"), signalReturn);
    }

    private static int order(Mapping mapping) {
        if (mapping.name().equals(VDSO)) {
            return 0;
        }
        return mapping.isCodeInMemory() ? 2 : 1;
    }

    private static Address find(
            ProcessView process, List<Mapping> mappings, Function<byte[], Optional<Integer>> search, String what)
            throws IOException {
        for (Mapping mapping : mappings) {
            long length = mapping.range().length();
            for (long at = 0; at < length; at += CHUNK) {
                byte[] code = new byte[(int) Math.min(CHUNK + OVERLAP, length - at)];
                try {
                    process.read(mapping.range().start().plus(at), ByteBuffer.wrap(code));
                } catch (IOException e) {
                    // A file may be shorter than its mapping: what is not there holds no code.
                    break;
                }
                Optional<Integer> found = search.apply(code);
                if (found.isPresent()) {
                    return mapping.range().start().plus(at + found.get());
                }
            }
        }
        throw new IOException("no " + what + " in the code of process " + process.pid());
    }

    /** Whether the code is still there: libraries may be unloaded. */
    boolean areStillIn(ProcessView process, LiveArchitecture arch) {
        return holds(process, call, arch::callThenReturn) && holds(process, signalReturn, arch::signalReturn);
    }

    private static boolean holds(ProcessView process, Address place, Function<byte[], Optional<Integer>> search) {
        byte[] code = new byte[OVERLAP];
        try {
            process.read(place, ByteBuffer.wrap(code));
        } catch (IOException e) {
            return false;
        }
        return search.apply(code).equals(Optional.of(0));
    }
}
