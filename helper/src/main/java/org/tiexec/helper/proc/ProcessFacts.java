package org.tiexec.helper.proc;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.Mapping;

/**
 * What a plan is made from: the memory of a process as it is, or as it would be.
 *
 * @param pid its process id; 0 for a process that does not exist but is predicted
 * @param exe the path of its executable, for people only
 * @param mappings its mappings in ascending order
 * @param anchor an address in a mapping of its executable: where the program headers are
 * @param sealed mappings that the program has sealed ({@code mseal(2)}), so far as this was looked for
 * @param exclusions what else must stay as it is, so far as this was looked for
 * @param patched whether its code is going to be patched when it is loaded (text relocations), so far as this was looked for
 * @param caveats what is uncertain about all this, for people
 */
public record ProcessFacts(
        int pid,
        String exe,
        List<Mapping> mappings,
        Optional<Address> anchor,
        List<AddressRange> sealed,
        List<Exclusion> exclusions,
        boolean patched,
        List<String> caveats) {
    /** A process of which it is not known whether its code is going to be patched. */
    public ProcessFacts(
            int pid,
            String exe,
            List<Mapping> mappings,
            Optional<Address> anchor,
            List<AddressRange> sealed,
            List<String> caveats) {
        this(pid, exe, mappings, anchor, sealed, List.of(), false, caveats);
    }

    /** Takes copies of the lists. */
    public ProcessFacts {
        mappings = List.copyOf(mappings);
        sealed = List.copyOf(sealed);
        exclusions = List.copyOf(exclusions);
        caveats = List.copyOf(caveats);
    }

    /** The same process with these sealed mappings. */
    public ProcessFacts withSealed(List<AddressRange> ranges) {
        return new ProcessFacts(pid, exe, mappings, anchor, ranges, exclusions, patched, caveats);
    }

    /** The same process, whose code is going to be patched when it is loaded. */
    public ProcessFacts withPatchedCode() {
        return new ProcessFacts(pid, exe, mappings, anchor, sealed, exclusions, true, caveats);
    }

    /** The same process with these exclusions. */
    public ProcessFacts withExclusions(List<Exclusion> found) {
        return new ProcessFacts(pid, exe, mappings, anchor, sealed, found, patched, caveats);
    }

    /** Why part of {@code range} must stay as it is, if it must. */
    public Optional<String> reasonAgainst(AddressRange range) {
        for (Exclusion exclusion : exclusions) {
            if (exclusion.range().overlaps(range)) {
                return Optional.of(exclusion.reason());
            }
        }
        return Optional.empty();
    }

    /** Whether part of {@code range} is sealed. */
    public boolean isSealed(AddressRange range) {
        for (AddressRange part : sealed) {
            if (part.overlaps(range)) {
                return true;
            }
        }
        return false;
    }
}
