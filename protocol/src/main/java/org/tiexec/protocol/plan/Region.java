package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * What goes to huge pages: a part of a mapping of code, rounded outward over what lies around it if it is widened.
 *
 * @param id its name in the plan
 * @param range what is replaced
 * @param mapping the mapping of the code as it was when the plan was made
 * @param fileOffset the offset in bytes of the start of {@link #code} in the mapped file
 * @param protection the protection of the code before, which is that of the whole range afterwards
 * @param widened the pieces of {@code range} outside {@code mapping}, ascending; together with {@link #code} just the range
 */
public record Region(
        RegionId id,
        AddressRange range,
        AddressRange mapping,
        long fileOffset,
        Protection protection,
        List<Widened> widened) {
    /** Takes a copy; rejects a range of which a part is neither in the mapping nor a widened piece. */
    public Region {
        widened = List.copyOf(widened);
        if (!isTiled(range, mapping, widened)) {
            throw new IllegalArgumentException(
                    widened.isEmpty()
                            ? "region " + range + " is not inside its mapping " + mapping
                            : "region " + range + " is not just its mapping " + mapping
                                    + " and what it is widened over");
        }
    }

    /** A region within its mapping. */
    public Region(RegionId id, AddressRange range, AddressRange mapping, long fileOffset, Protection protection) {
        this(id, range, mapping, fileOffset, protection, List.of());
    }

    private static boolean isTiled(AddressRange range, AddressRange mapping, List<Widened> widened) {
        Optional<AddressRange> code = range.intersection(mapping);
        if (code.isEmpty()) {
            return false;
        }
        Address at = range.start();
        for (Widened piece : widened) {
            at = at.equals(code.get().start()) ? code.get().end() : at;
            if (!piece.range().start().equals(at) || piece.range().overlaps(mapping)) {
                return false;
            }
            at = piece.range().end();
        }
        at = at.equals(code.get().start()) ? code.get().end() : at;
        return at.equals(range.end());
    }

    /** The part of the region that is code of its mapping. */
    public AddressRange code() {
        return range.intersection(mapping).orElseThrow();
    }

    /** Whether it goes beyond its mapping. */
    public boolean isWidened() {
        return !widened.isEmpty();
    }

    /** The region with all of its mapping. */
    public AddressRange span() {
        Address start = range.start().isBelow(mapping.start()) ? range.start() : mapping.start();
        Address end = range.end().isBelow(mapping.end()) ? mapping.end() : range.end();
        return new AddressRange(start, end);
    }

    /** The parts where nothing was mapped, ascending. */
    public List<AddressRange> gaps() {
        List<AddressRange> gaps = new ArrayList<>();
        for (Widened piece : widened) {
            if (piece.before() == Widened.Before.GAP) {
                gaps.add(piece.range());
            }
        }
        return gaps;
    }

    /** The parts of which each is in one mapping of the file, ascending. */
    public List<AddressRange> mapped() {
        List<AddressRange> mapped = new ArrayList<>();
        for (Widened piece : widened) {
            if (piece.before() == Widened.Before.READ_ONLY) {
                mapped.add(piece.range());
            }
        }
        int at = 0;
        while (at < mapped.size() && mapped.get(at).start().isBelow(mapping.start())) {
            at++;
        }
        mapped.add(at, code());
        return mapped;
    }
}
