package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * The steps that a region of a running process goes through: these, each once, in this order.
 *
 * <p>Map a stage, keep it from children of the process, ask for huge pages in it, fill it, make it huge, give it the
 * original's protection, verify it, let children have it; keep the original aside, move the stage over it, take all rights
 * from what is kept aside. Advice about huge pages is for transparent ones only. Until the stage is moved, whatever the threads of the process execute is
 * mapped where it always was; what is kept aside remains, for an undo.
 *
 * <p>In a widened region the gaps are claimed before it is filled, the original is kept aside in pieces, and the move is
 * last: pieces cannot come back over it by one call.
 */
final class AttachRules extends OrderedRules<AttachRules.Point> {
    private final BackingName backing;
    private final Parking parking;
    private Optional<Arg> stage = Optional.empty();

    /** What is to be done at each point. */
    enum Point implements Turn {
        MAP("mmap maps the stage: the region's length, private anonymous read-write memory of the plan's backing,"
                + " elsewhere, undone by munmap"),
        WITHHOLD("madvise keeps the whole stage from children"),
        CLAIM("mmap maps read-only zeros into the next gap of the region if nothing is there, undone by munmap"),
        ADVISE("madvise asks for huge pages in the whole stage"),
        FILL("the stage is filled"),
        COLLAPSE("madvise makes the whole stage huge"),
        PROTECT("mprotect gives the whole stage the region's own protection"),
        VERIFY_STAGE("the stage is verified"),
        SHARE("madvise gives the whole stage to children again"),
        RESERVE(
                "mmap maps read-only zeros, elsewhere, where the pieces of the original are going to be, undone by munmap"),
        PARK_PIECE("mremap keeps the next piece of the original in its reserved place, undone by moving it back"),
        PARK("mremap keeps the whole original elsewhere by MREMAP_DONTUNMAP, undone by moving it back"),
        SWAP("mremap moves the whole stage over the region"),
        CLOSE("mprotect takes all rights from the whole original that was kept");

        private final String rule;

        Point(String rule) {
            this.rule = rule;
        }

        @Override
        public String rule() {
            return "at this point of an attach " + rule;
        }
    }

    /**
     * Rules for a region of a plan.
     *
     * @param places what the steps of all regions use
     */
    AttachRules(Region region, BackingName backing, Places places) {
        super(region, places);
        this.backing = backing;
        this.parking = new Parking(region);
        add(Point.MAP);
        add(Point.WITHHOLD);
        add(region.gaps().size(), Point.CLAIM);
        boolean transparent = backing == BackingName.THP;
        add(transparent ? 1 : 0, Point.ADVISE);
        add(Point.FILL);
        add(transparent ? 1 : 0, Point.COLLAPSE);
        add(Point.PROTECT);
        add(Point.VERIFY_STAGE);
        add(Point.SHARE);
        if (region.isWidened()) {
            add(Point.RESERVE);
            add(region.mapped().size(), Point.PARK_PIECE);
            add(Point.CLOSE);
            add(Point.SWAP);
        } else {
            add(Point.PARK);
            add(Point.SWAP);
            add(Point.CLOSE);
        }
    }

    @Override
    public Optional<String> helper(Step.HelperStep step) {
        boolean fits = switch (turn()) {
            case FILL -> step.task() == HelperTask.FILL && isAt(stage, step.to());
            case VERIFY_STAGE -> step.task() == HelperTask.VERIFY && isAt(stage, step.to());
            case MAP, WITHHOLD, CLAIM, ADVISE, COLLAPSE, PROTECT, SHARE, RESERVE, PARK_PIECE, PARK, SWAP, CLOSE ->
                false;
        };
        return nextIf(fits);
    }

    @Override
    public Optional<String> syscall(Step.SyscallStep step) {
        return switch (turn()) {
            case MAP -> map(step);
            case WITHHOLD -> nextIf(keeps(step, Advice.MADV_DONTFORK));
            case SHARE -> nextIf(keeps(step, Advice.MADV_DOFORK));
            case ADVISE -> nextIf(advises(step, Advice.MADV_HUGEPAGE));
            case COLLAPSE -> nextIf(advises(step, Advice.MADV_COLLAPSE));
            case PROTECT -> nextIf(protects(step, stage, region().protection()));
            case CLAIM -> nextIf(parking.claims(step));
            case RESERVE -> parking.reserves(step) ? nextIfFree(parking.asked()) : wrong();
            case PARK_PIECE -> nextIf(parking.parks(step));
            case PARK -> parking.parks(step) ? nextIfFree(parking.asked()) : wrong();
            case SWAP -> nextIf(swaps(step));
            case CLOSE ->
                nextIf(region().isWidened() ? closesPiece(step) : protects(step, parking.place(), Protection.NONE));
            case FILL, VERIFY_STAGE -> wrong();
        };
    }

    private Optional<String> map(Step.SyscallStep step) {
        Optional<Address> place = mapsElsewhere(step, stageFlags());
        if (place.isEmpty()) {
            return wrong();
        }
        stage = Optional.of(new Arg.ResultOf(step.id()));
        return nextIfFree(place.get());
    }

    private List<AbiConstant> stageFlags() {
        List<AbiConstant> flags = new ArrayList<>(List.of(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS));
        if (backing == BackingName.HUGETLB) {
            flags.add(MmapFlag.MAP_HUGETLB);
            flags.add(MmapFlag.MAP_HUGE_2MB);
        }
        return flags;
    }

    private boolean advises(Step.SyscallStep step, Advice advice) {
        return stage.isPresent()
                && step.call().equals(Call.of(SyscallName.MADVISE, stage.get(), lengthArg(), Arg.flags(advice)))
                && expectsSuccess(step)
                && isWithoutUndo(step);
    }

    /** It must not fail: a child whose code is kept from it ends at once. */
    private boolean keeps(Step.SyscallStep step, Advice advice) {
        return advises(step, advice) && step.expect().equals(Expectation.Kind.ZERO);
    }

    private boolean protects(Step.SyscallStep step, Optional<Arg> place, Protection protection) {
        return place.isPresent()
                && step.call().equals(Call.protect(place.get(), length(), protection))
                && step.expect().equals(Expectation.Kind.ZERO)
                && isWithoutUndo(step);
    }

    /** It comes before the swap, so that it must be possible to take it back: what returns without rights is no code. */
    private boolean closesPiece(Step.SyscallStep step) {
        AddressRange code = WidenedCalls.parkedRange(region(), region().code(), parking.asked());
        return step.call().equals(Call.protect(code, Protection.NONE))
                && step.expect().equals(Expectation.Kind.ZERO)
                && undoIs(step, Call.protect(code, region().protection()));
    }

    private boolean swaps(Step.SyscallStep step) {
        return stage.isPresent()
                && step.call().equals(moveTo(stage.get()))
                && expectsStart(step)
                && isWithoutUndo(step);
    }

    private Arg lengthArg() {
        return Arg.length(length());
    }

    private static boolean isAt(Optional<Arg> place, Arg arg) {
        return place.isPresent() && place.get().equals(arg);
    }
}
