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
     * Takes the place where the original of a region is parked, of a widened one with all pieces and with zeros that can
     * only be read for the gaps.
     *
     * <p>One that can still be executed is of an attach or an undo that was cut short. It is told from code that is where
     * it belongs by the offset within 1 GiB that it has in common with its place.
     *
     * @param start that of the whole park
     * @return why not, or empty
     */
    Optional<String> takePark(Address start, Region region) {
        AddressRange code = WidenedCalls.parkedRange(region, region.code(), start);
        Optional<Mapping> found = at(code.start());
        if (found.isEmpty() || !found.get().range().start().equals(code.start())) {
            return Optional.of("nothing is parked at " + code.start());
        }
        Mapping mapping = found.get();
        boolean parked = mapping.isParked()
                || (mapping.isFileCode() && isCongruent(start, region.range().start()));
        boolean fits = parked && mapping.range().equals(code) && mapping.fileOffset() == region.fileOffset();
        if (!fits) {
            return Optional.of(mapping.range() + " is not what was parked of a file for the region");
        }
        for (Widened piece : region.widened()) {
            AddressRange place = WidenedCalls.parkedRange(region, piece.range(), start);
            Optional<Mapping> there = at(place.start());
            if (there.isEmpty() || !there.get().range().contains(place) || !stands(there.get(), piece, mapping)) {
                return Optional.of(place + " is not what was parked for " + piece);
            }
        }
        return take(AddressRange.ofLength(start, region.range().length()));
    }

    private static boolean stands(Mapping mapping, Widened piece, Mapping code) {
        return switch (piece.before()) {
            case GAP -> mapping.isReadOnlyMemory();
            case READ_ONLY -> mapping.isReadOnlyFile() && mapping.mapsSameFileAs(code);
        };
    }

    private Optional<Mapping> at(Address address) {
        for (Mapping mapping : mappings) {
            if (mapping.range().contains(address)) {
                return Optional.of(mapping);
            }
        }
        return Optional.empty();
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
