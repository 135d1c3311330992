package org.tiexec.protocol.plan;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;

/**
 * How far the original of one region has been kept aside, as a part of {@link RegionRules}.
 *
 * <p>That of a widened region takes several steps, the forms of which {@link WidenedCalls} has; that of another takes one.
 */
final class Parking {
    private final Region region;
    private final List<AddressRange> gaps;
    private final List<AddressRange> pieces;
    private int claimed;
    private int parked;
    private Optional<Arg> place = Optional.empty();

    /** Where the park is asked to be; in that of a widened region it is there. */
    private Optional<Address> asked = Optional.empty();

    Parking(Region region) {
        this.region = region;
        this.gaps = region.gaps();
        this.pieces = region.isWidened() ? region.mapped() : List.of(region.range());
    }

    /** Whether all gaps are claimed, so that the region can be read from its start to its end. */
    boolean isReadable() {
        return claimed == gaps.size();
    }

    /** Whether nothing has been parked yet. */
    boolean isUntouched() {
        return parked == 0;
    }

    /** Whether the original is parked, all of it. */
    boolean isWhole() {
        return parked == pieces.size();
    }

    /** How the steps call the place of the park; empty before there is one. */
    Optional<Arg> place() {
        return place;
    }

    /** Where the last step that has made room for the park, or has made it, wants it to be. */
    Address asked() {
        return asked.orElseThrow();
    }

    /** Takes the step if it claims the next gap. */
    boolean claims(Step.SyscallStep step) {
        if (isReadable() || !isClaimOf(gaps.get(claimed), step)) {
            return false;
        }
        claimed++;
        return true;
    }

    /** Takes the step if it reserves a place elsewhere for what a widened region has. */
    boolean reserves(Step.SyscallStep step) {
        if (!region.isWidened() || place.isPresent() || step.call().name() != SyscallName.MMAP) {
            return false;
        }
        if (!(step.call().args().get(0) instanceof Arg.Hex at) || !isElsewhere(new Address(at.bits()))) {
            return false;
        }
        Address start = new Address(at.bits());
        if (!isClaimOf(AddressRange.ofLength(start, region.range().length()), step)) {
            return false;
        }
        place = Optional.of(at);
        asked = Optional.of(start);
        return true;
    }

    private static boolean isClaimOf(AddressRange range, Step.SyscallStep step) {
        return step.call().equals(WidenedCalls.claim(range))
                && step.expect().equals(new Expectation.Exactly(range.start()))
                && RegionRules.undoIs(step, WidenedCalls.release(range));
    }

    /** Takes the step if it parks the original, or the next piece of it. */
    boolean parks(Step.SyscallStep step) {
        if (isWhole() || !(region.isWidened() ? isPark(pieces.get(parked), step) : isWholePark(step))) {
            return false;
        }
        parked++;
        return true;
    }

    private boolean isPark(AddressRange piece, Step.SyscallStep step) {
        if (asked.isEmpty() || !isReadable()) {
            return false;
        }
        Address to = WidenedCalls.parked(region, piece, asked.get());
        return step.call().equals(WidenedCalls.park(piece, to))
                && step.expect().equals(new Expectation.Exactly(to))
                && RegionRules.undoIs(step, WidenedCalls.bringBack(piece, to));
    }

    private boolean isWholePark(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        Arg length = Arg.length(region.range().length());
        Arg start = Arg.at(region.range().start());
        Arg result = new Arg.ResultOf(step.id());
        Call back = Call.of(
                SyscallName.MREMAP,
                result,
                length,
                length,
                Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_FIXED),
                start);
        boolean fits = step.call().name() == SyscallName.MREMAP
                && args.get(0).equals(start)
                && args.get(1).equals(length)
                && args.get(2).equals(length)
                && args.get(3).equals(Arg.flags(MremapFlag.MREMAP_MAYMOVE, MremapFlag.MREMAP_DONTUNMAP))
                && step.expect().equals(Expectation.Kind.ADDRESS)
                && RegionRules.undoIs(step, back);
        if (!fits || !(args.get(4) instanceof Arg.Hex hint) || !isElsewhere(new Address(hint.bits()))) {
            return false;
        }
        place = Optional.of(result);
        asked = Optional.of(new Address(hint.bits()));
        return true;
    }

    /** The kernel takes the hint of a park for a destination and refuses one that overlaps the original. */
    private boolean isElsewhere(Address start) {
        long length = region.range().length();
        return start.isAligned(PageSize.BASE)
                && start.isBelow(start.plus(length))
                && !AddressRange.ofLength(start, length).overlaps(region.range());
    }
}
