package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;

/**
 * Free address space for stages.
 *
 * <p>A stage has its destination's offset within 1 GiB, since moving hugetlb memory between page tables of different
 * shape was buggy in kernels up to 2026; so it is also aligned to 2 MiB, without which a transparent huge page would be
 * split by the move. The search begins far from where kernels put programs, heaps, libraries and stacks.
 */
final class StageSpace {
    /** 32 TiB: above what runtimes reserve by fixed addresses (Go at 0.75 TiB, sanitizers up to 16 TiB). */
    private static final Address FIRST = new Address(0x2000_0000_0000L);

    /** Where the search goes on when everything above {@link #FIRST} is taken. */
    private static final Address LAST_RESORT = new Address(0x1_0000_0000L);

    /** The end of user space with four-level page tables ({@code TASK_SIZE_MAX}, {@code asm/page_64_types.h}). */
    private static final Address LIMIT = new Address(0x7fff_ffff_f000L);

    private final List<Mapping> mappings;
    private final List<AddressRange> reserved = new ArrayList<>();
    private Address next = FIRST;

    /**
     * Begins with nothing reserved.
     *
     * @param mappings all mappings of the process, ascending
     */
    StageSpace(List<Mapping> mappings) {
        this.mappings = mappings;
    }

    /**
     * An address where the stage for {@code destination} fits, different from all given before.
     *
     * <p>It is a hint: should the space be taken meanwhile, the kernel chooses another place.
     */
    Address reserve(AddressRange destination) {
        Address candidate = firstFree(destination, next);
        if (LIMIT.isBelow(candidate.plus(destination.length()))) {
            candidate = unreserved(destination, firstFree(destination, LAST_RESORT));
        }
        AddressRange place = AddressRange.ofLength(candidate, destination.length());
        reserved.add(place);
        next = place.end();
        return candidate;
    }

    /** Where the address space is full, the search begins anew and meets what it has given before. */
    private Address unreserved(AddressRange destination, Address first) {
        Address candidate = first;
        int i = 0;
        while (i < reserved.size()) {
            AddressRange other = reserved.get(i);
            if (AddressRange.ofLength(candidate, destination.length()).overlaps(other)) {
                candidate = firstFree(destination, other.end());
                i = 0;
            } else {
                i++;
            }
        }
        return candidate;
    }

    private Address firstFree(AddressRange destination, Address from) {
        Address candidate = congruentTo(destination.start(), from);
        for (Mapping mapping : mappings) {
            if (AddressRange.ofLength(candidate, destination.length()).overlaps(mapping.range())) {
                candidate = congruentTo(destination.start(), mapping.range().end());
            }
        }
        return candidate;
    }

    /** The lowest address from {@code from} on with the same offset within 1 GiB as {@code destination}. */
    private static Address congruentTo(Address destination, Address from) {
        long offset = destination.distanceFrom(destination.alignDown(PageSize.GIGANTIC));
        Address candidate = from.alignDown(PageSize.GIGANTIC).plus(offset);
        return candidate.isBelow(from) ? candidate.plus(PageSize.GIGANTIC) : candidate;
    }
}
