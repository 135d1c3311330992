package org.tiexec.protocol.plan;

import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;

/**
 * The calls that a widened region takes where others need none or another.
 *
 * <p>Its gaps are claimed first, by zero bytes that can only be read, so that nobody else maps anything there and the
 * region is readable as one. Its original is parked piece by piece, as {@code mremap(2)} moves one mapping at a time, into
 * a place that was reserved in the same way: there, too, zero bytes stand for the gaps.
 */
public final class WidenedCalls {
    private static final Arg READ_ONLY = Arg.flags(ProtFlag.PROT_READ);
    private static final Arg NEW_ONLY =
            Arg.flags(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS, MmapFlag.MAP_FIXED_NOREPLACE);
    private static final Arg DUPLICATE =
            Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED, MremapFlag.MREMAP_DONTUNMAP);
    private static final Arg OVER = Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED);

    private WidenedCalls() {}

    /** Maps zero bytes where nothing is mapped, or fails: a gap of a region, or the place of its park. */
    public static Call claim(AddressRange range) {
        return Call.of(
                SyscallName.MMAP,
                Arg.at(range.start()),
                Arg.length(range.length()),
                READ_ONLY,
                NEW_ONLY,
                new Arg.Number(-1),
                new Arg.Number(0));
    }

    /** Unmaps what is at a range. */
    public static Call release(AddressRange range) {
        return Call.of(SyscallName.MUNMAP, Arg.at(range.start()), Arg.length(range.length()));
    }

    /** Moves a mapping to the place that was reserved for it; an empty one of the same file stays. */
    public static Call park(AddressRange piece, Address place) {
        return move(piece.start(), piece.length(), DUPLICATE, place);
    }

    /** Moves a mapping from where it was parked back to where it belongs. */
    public static Call bringBack(AddressRange piece, Address place) {
        return move(place, piece.length(), OVER, piece.start());
    }

    private static Call move(Address from, long bytes, Arg flags, Address to) {
        Arg length = Arg.length(bytes);
        return Call.of(SyscallName.MREMAP, Arg.at(from), length, length, flags, Arg.at(to));
    }

    /** Where a piece of a region is in its park. */
    public static Address parked(Region region, AddressRange piece, Address park) {
        return park.plus(piece.start().distanceFrom(region.range().start()));
    }

    /** The part of a park that stands for a piece of the region. */
    public static AddressRange parkedRange(Region region, AddressRange piece, Address park) {
        return AddressRange.ofLength(parked(region, piece, park), piece.length());
    }
}
