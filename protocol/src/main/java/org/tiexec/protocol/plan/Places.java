package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;

/** The places besides its regions that a plan for a running process uses, each only once. */
final class Places {
    private final List<Mapping> mappings;
    private final List<AddressRange> used = new ArrayList<>();

    /** Knows the mappings of the process as the validator's caller has read them. */
    Places(List<Mapping> mappings) {
        this.mappings = List.copyOf(mappings);
    }

    /** The rules for a region of a plan that uses these places. */
    RegionRules rulesFor(Region region, PlanHeader header) {
        return header.purpose() == Purpose.UNDO
                ? new UndoRules(region, this)
                : new AttachRules(region, header.backing(), this);
    }

    /**
     * Takes free space for something that is to lie over {@code destination} afterwards.
     *
     * @return why not, or empty
     */
    Optional<String> takeFree(Address start, AddressRange destination) {
        Address end = start.plus(destination.length());
        if (!start.isBelow(end) || !isCongruent(start, destination.start())) {
            return Optional.of(start + " is not at the offset of " + destination.start() + " within 1 GiB");
        }
        AddressRange place = new AddressRange(start, end);
        for (Mapping mapping : mappings) {
            if (mapping.range().overlaps(place)) {
                return Optional.of(place + " is not free: " + mapping.range() + " is mapped");
            }
        }
        return take(place);
    }

    /**
     * Takes the place where the original of a region is parked.
     *
     * <p>One that can still be executed is of an attach or an undo that was cut short. It is told from code that is where
     * it belongs by the offset within 1 GiB that it has in common with its place.
     *
     * @return why not, or empty
     */
    Optional<String> takePark(Address start, Region region) {
        for (Mapping mapping : mappings) {
            if (mapping.range().start().equals(start)) {
                boolean parked = mapping.isParked()
                        || (mapping.isFileCode()
                                && isCongruent(start, region.range().start()));
                boolean fits = parked
                        && mapping.range().length() == region.range().length()
                        && mapping.fileOffset() == region.fileOffset();
                return fits
                        ? take(mapping.range())
                        : Optional.of(mapping.range() + " is not what was parked of a file for the region");
            }
        }
        return Optional.of("nothing is parked at " + start);
    }

    private static boolean isCongruent(Address start, Address other) {
        return new Address(start.distanceFrom(other)).isAligned(PageSize.GIGANTIC);
    }

    private Optional<String> take(AddressRange place) {
        for (AddressRange other : used) {
            if (other.overlaps(place)) {
                return Optional.of(place + " is used twice");
            }
        }
        used.add(place);
        return Optional.empty();
    }
}
