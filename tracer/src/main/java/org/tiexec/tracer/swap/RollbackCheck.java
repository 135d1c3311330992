package org.tiexec.tracer.swap;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.WidenedCalls;
import org.tiexec.protocol.procfs.Mapping;

/**
 * Decides from the mappings whether the original of a region is where it should be.
 *
 * <p>What counts is what the kernel shows, not what calls returned: an undo that had nothing to undo may fail. The kernel
 * may have split a mapping, or joined it with its continuation.
 */
final class RollbackCheck {
    private final List<Mapping> before;

    /** Compares with the mappings as they were before the plan. */
    RollbackCheck(List<Mapping> before) {
        this.before = List.copyOf(before);
    }

    /** Whether something was mapped in this range before the plan. */
    boolean wasMapped(AddressRange range) {
        for (Mapping mapping : before) {
            if (mapping.range().overlaps(range)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What is not as before.
     *
     * @param region the region whose steps were taken back
     * @param places where its steps had mapped new memory or parked the original
     * @param now the mappings of the target by now
     * @return in words, or empty
     */
    Optional<String> difference(Region region, List<AddressRange> places, List<Mapping> now) {
        for (AddressRange place : places) {
            for (Mapping mapping : now) {
                if (mapping.range().overlaps(place) && !wasMapped(place)) {
                    return Optional.of(place + " is still mapped");
                }
            }
        }
        for (AddressRange gap : region.gaps()) {
            for (Mapping mapping : now) {
                if (mapping.range().overlaps(gap)) {
                    return Optional.of(mapping.range() + " is mapped where nothing was");
                }
            }
        }
        return absence(region, region.range().start(), now);
    }

    /**
     * Why a place does not hold all that a region was mapped from, each piece at its distance from the start.
     *
     * @param start where the place begins
     * @param now the mappings of the target by now
     * @return in words, or empty
     */
    Optional<String> absence(Region region, Address start, List<Mapping> now) {
        for (AddressRange piece : region.mapped()) {
            Optional<String> absence = absence(piece, WidenedCalls.parkedRange(region, piece, start), now);
            if (absence.isPresent()) {
                return absence;
            }
        }
        return Optional.empty();
    }

    private Optional<String> absence(AddressRange piece, AddressRange place, List<Mapping> now) {
        Mapping original = originalOf(piece);
        long begin = original.fileOffset()
                + piece.start().distanceFrom(original.range().start());
        Address at = place.start();
        for (Mapping mapping : now) {
            if (mapping.range().contains(at) && at.isBelow(place.end())) {
                long offset =
                        begin + mapping.range().start().bits() - place.start().bits();
                if (!isSameCode(mapping, original) || mapping.fileOffset() != offset) {
                    return Optional.of(mapping.range() + " is not the original mapping");
                }
                at = mapping.range().end();
            }
        }
        return at.isBelow(place.end()) ? Optional.of("nothing is mapped at " + at) : Optional.empty();
    }

    /**
     * What has taken the place of the zero bytes that were mapped into a gap.
     *
     * @param now the mappings of the target by now
     * @return in words, or empty
     */
    static Optional<String> takenAway(AddressRange gap, List<Mapping> now) {
        for (Mapping mapping : now) {
            if (mapping.range().contains(gap) && mapping.isReadOnlyMemory()) {
                return Optional.empty();
            }
        }
        return Optional.of("the program has changed what is mapped at " + gap);
    }

    /**
     * What has been exchanged in a range.
     *
     * @param protection the rights that are there now if nothing has been
     * @param now the mappings of the target by now
     * @return in words, or empty
     */
    Optional<String> change(AddressRange range, Protection protection, List<Mapping> now) {
        Address at = range.start();
        for (Mapping mapping : now) {
            if (mapping.range().contains(at) && at.isBelow(range.end())) {
                if (!mapping.protection().equals(protection) || !wasThere(mapping, at)) {
                    return Optional.of("the program has changed what is mapped at " + mapping.range());
                }
                at = mapping.range().end();
            }
        }
        return at.isBelow(range.end()) ? Optional.of("the program has unmapped what was at " + at) : Optional.empty();
    }

    /** Compared from where both begin: the kernel may have split or joined mappings since. */
    private boolean wasThere(Mapping mapping, Address at) {
        for (Mapping earlier : before) {
            if (earlier.range().contains(at)) {
                long shift =
                        mapping.range().start().distanceFrom(earlier.range().start());
                return earlier.shared() == mapping.shared()
                        && earlier.inode() == mapping.inode()
                        && earlier.device().equals(mapping.device())
                        && (earlier.inode() == 0 || earlier.fileOffset() + shift == mapping.fileOffset());
            }
        }
        return false;
    }

    private Mapping originalOf(AddressRange piece) {
        for (Mapping mapping : before) {
            if (mapping.range().contains(piece)) {
                return mapping;
            }
        }
        throw new IllegalArgumentException(piece + " was not mapped: not validated");
    }

    private static boolean isSameCode(Mapping mapping, Mapping original) {
        return mapping.mapsSameFileAs(original)
                && mapping.protection().equals(original.protection())
                && mapping.shared() == original.shared();
    }
}
