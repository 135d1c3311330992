package org.tiexec.tracer.attach;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.tracer.remote.LiveCalls;

/** Memory in a process that a tracer has left there which was killed. */
final class Leftovers {
    private Leftovers() {}

    /** What can be recognised by its name, in whole sentences. */
    static List<String> in(List<Mapping> mappings) {
        List<String> leftovers = new ArrayList<>();
        for (Mapping mapping : mappings) {
            boolean scratch = mapping.name().equals(given(LiveCalls.SCRATCH_NAME));
            boolean stage = mapping.name().equals(given(ThreadCalls.NAME))
                    && mapping.protection().equals(Protection.READ_WRITE);
            if (scratch || stage) {
                leftovers.add(
                        "memory of a tracer that was killed stays at " + mapping.range() + ", which does no harm");
            }
        }
        return leftovers;
    }

    private static String given(String name) {
        return "[anon:" + name + "]";
    }
}
