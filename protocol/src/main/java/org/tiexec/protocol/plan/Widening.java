package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;

/**
 * The rule by which a region may be rounded outward, beyond the mapping of its code.
 *
 * <p>On either side it may go to the next multiple of 2 MiB, and only if all that lies there is the same file, mapped
 * privately and read-only, or nothing at all. Nothing else may be covered: no writable, shared or foreign memory, none
 * without any right, no code of another mapping.
 *
 * <p>A gap must be one that nobody else counts on. Directly above it lies the same file, its code or a later part of it: so
 * it is not where the heap begins, which the kernel puts behind the last segment ({@code brk(2)}), and no stack grows into
 * it, as memory of a file never grows downward ({@code MAP_GROWSDOWN}, {@code mmap(2)}). The heap does not end directly
 * below it. The lowest 2 MiB stay free, so that null pointers go on leading nowhere.
 */
public final class Widening {
    /** Below it null pointers with small offsets lead nowhere. */
    private static final Address FIRST = new Address(PageSize.HUGE);

    /** The end of user space with four-level page tables ({@code TASK_SIZE_MAX}, {@code asm/page_64_types.h}). */
    private static final Address LIMIT = new Address(0x7fff_ffff_f000L);

    private Widening() {}

    /**
     * Whole 2 MiB with some code in them, rounded outward on either side where that is permitted, inward where it is not.
     *
     * @param code a mapping of code
     * @param mappings all mappings of the process, ascending
     * @return empty if there are none
     */
    public static Optional<AddressRange> around(Mapping code, List<Mapping> mappings) {
        Address start = code.range().start();
        Address end = code.range().end();
        Address first =
                below(code, mappings).isPresent() ? start.alignDown(PageSize.HUGE) : start.alignUp(PageSize.HUGE);
        Address last = above(code, mappings).isPresent() ? end.alignUp(PageSize.HUGE) : end.alignDown(PageSize.HUGE);
        return first.isBelow(last) ? Optional.of(new AddressRange(first, last)) : Optional.empty();
    }

    /**
     * What lies between the start of some code and the multiple of 2 MiB below it.
     *
     * @param code a mapping of code
     * @param mappings all mappings of the process, ascending
     * @return in pieces, none if it starts at one; or empty if a region must not be widened there
     */
    public static Optional<List<Widened>> below(Mapping code, List<Mapping> mappings) {
        Address start = code.range().start();
        return over(start.alignDown(PageSize.HUGE), start, code, mappings);
    }

    /**
     * What lies between the end of some code and the multiple of 2 MiB above it.
     *
     * @param code a mapping of code
     * @param mappings all mappings of the process, ascending
     * @return in pieces, none if it ends at one; or empty if a region must not be widened there
     */
    public static Optional<List<Widened>> above(Mapping code, List<Mapping> mappings) {
        Address end = code.range().end();
        return over(end, end.alignUp(PageSize.HUGE), code, mappings);
    }

    /**
     * What a range has besides the code from which it was rounded.
     *
     * @param range which overlaps the code
     * @param code a mapping of code
     * @param mappings all mappings of the process, ascending
     * @return in pieces, none if it lies within the code; or empty if it goes farther than it may
     */
    public static Optional<List<Widened>> of(AddressRange range, Mapping code, List<Mapping> mappings) {
        List<Widened> pieces = new ArrayList<>();
        if (range.start().isBelow(code.range().start())) {
            Optional<List<Widened>> below = below(code, mappings);
            if (below.isEmpty() || !range.start().equals(code.range().start().alignDown(PageSize.HUGE))) {
                return Optional.empty();
            }
            pieces.addAll(below.get());
        }
        if (code.range().end().isBelow(range.end())) {
            Optional<List<Widened>> above = above(code, mappings);
            if (above.isEmpty() || !range.end().equals(code.range().end().alignUp(PageSize.HUGE))) {
                return Optional.empty();
            }
            pieces.addAll(above.get());
        }
        return Optional.of(pieces);
    }

    private static Optional<List<Widened>> over(Address start, Address end, Mapping code, List<Mapping> mappings) {
        List<Widened> pieces = new ArrayList<>();
        if (start.equals(end)) {
            return Optional.of(pieces);
        }
        if (start.isBelow(FIRST) || LIMIT.isBelow(end)) {
            return Optional.empty();
        }
        AddressRange range = new AddressRange(start, end);
        Address at = start;
        boolean aboveHeap = false;
        for (Mapping mapping : mappings) {
            Optional<AddressRange> part = mapping.range().intersection(range);
            if (at.isBelow(end) && at.isBelow(mapping.range().start())) {
                Address gapEnd = part.isPresent() ? part.get().start() : end;
                if (aboveHeap || !isLaterPart(mapping, code, gapEnd)) {
                    return Optional.empty();
                }
                pieces.add(new Widened(new AddressRange(at, gapEnd), Widened.Before.GAP));
                at = gapEnd;
            }
            if (part.isPresent()) {
                if (!mapping.isReadOnlyFile() || !mapping.mapsSameFileAs(code)) {
                    return Optional.empty();
                }
                pieces.add(new Widened(part.get(), Widened.Before.READ_ONLY));
                at = part.get().end();
            }
            aboveHeap = mapping.isHeap();
        }
        return at.equals(end) ? Optional.of(pieces) : Optional.empty();
    }

    /** Whether what lies directly above a gap is of the same file: what is beside code in memory is so in the file. */
    private static boolean isLaterPart(Mapping above, Mapping code, Address gapEnd) {
        boolean below = !code.range().start().isBelow(gapEnd);
        return above.mapsSameFileAs(code) && (below || above.fileOffset() >= code.fileOffset());
    }
}
