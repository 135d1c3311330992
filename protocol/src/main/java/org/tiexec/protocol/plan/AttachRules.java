package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.ProtFlag;
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
final class AttachRules extends RegionRules {
    private final BackingName backing;
    private final Places places;
    private final List<Turn> turns;
    private int taken;
    private Optional<Arg> stage = Optional.empty();
    private final Parking parking;

    /** What is to be done at each point. */
    private enum Turn {
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

        Turn(String rule) {
            this.rule = rule;
        }
    }

    /**
     * Rules for a region of a plan.
     *
     * @param places what the steps of all regions use
     */
    AttachRules(Region region, BackingName backing, Places places) {
        super(region);
        this.backing = backing;
        this.places = places;
        this.parking = new Parking(region);
        this.turns = new ArrayList<>();
        add(1, Turn.MAP, Turn.WITHHOLD);
        add(region.gaps().size(), Turn.CLAIM);
        boolean transparent = backing == BackingName.THP;
        add(transparent ? 1 : 0, Turn.ADVISE);
        add(1, Turn.FILL);
        add(transparent ? 1 : 0, Turn.COLLAPSE);
        add(1, Turn.PROTECT, Turn.VERIFY_STAGE, Turn.SHARE);
        if (region.isWidened()) {
            add(1, Turn.RESERVE);
            add(region.mapped().size(), Turn.PARK_PIECE);
            add(1, Turn.CLOSE, Turn.SWAP);
        } else {
            add(1, Turn.PARK, Turn.SWAP, Turn.CLOSE);
        }
    }

    private void add(int times, Turn... several) {
        for (int i = 0; i < times; i++) {
            turns.addAll(List.of(several));
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
        return fits ? next() : wrong();
    }

    @Override
    public Optional<String> syscall(Step.SyscallStep step) {
        return switch (turn()) {
            case MAP -> map(step);
            case WITHHOLD -> keeps(step, Advice.MADV_DONTFORK) ? next() : wrong();
            case SHARE -> keeps(step, Advice.MADV_DOFORK) ? next() : wrong();
            case ADVISE -> advises(step, Advice.MADV_HUGEPAGE) ? next() : wrong();
            case COLLAPSE -> advises(step, Advice.MADV_COLLAPSE) ? next() : wrong();
            case PROTECT -> protects(step, stage, region().protection()) ? next() : wrong();
            case CLAIM -> parking.claims(step) ? next() : wrong();
            case RESERVE -> parking.reserves(step) ? taken(parking.asked()) : wrong();
            case PARK_PIECE -> parking.parks(step) ? next() : wrong();
            case PARK -> parking.parks(step) ? taken(parking.asked()) : wrong();
            case SWAP -> swaps(step) ? next() : wrong();
            case CLOSE ->
                (region().isWidened() ? closesPiece(step) : protects(step, parking.place(), Protection.NONE))
                        ? next()
                        : wrong();
            case FILL, VERIFY_STAGE -> wrong();
        };
    }

    private Turn turn() {
        return turns.get(taken);
    }

    private Optional<String> next() {
        taken++;
        if (taken == turns.size()) {
            complete();
        }
        return Optional.empty();
    }

    private Optional<String> wrong() {
        return Optional.of("at this point of an attach " + turn().rule);
    }

    private Optional<String> map(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        Arg result = new Arg.ResultOf(step.id());
        boolean fits = step.call().name() == SyscallName.MMAP
                && isLength(args.get(1))
                && args.get(2).equals(Arg.flags(ProtFlag.of(Protection.READ_WRITE)))
                && args.get(3).equals(Arg.flags(stageFlags()))
                && args.get(4).equals(new Arg.Number(-1))
                && args.get(5).equals(new Arg.Number(0))
                && step.expect().equals(Expectation.Kind.ADDRESS)
                && undoIs(step, Call.of(SyscallName.MUNMAP, result, Arg.length(length())));
        if (!fits || !(args.get(0) instanceof Arg.Hex hint)) {
            return wrong();
        }
        stage = Optional.of(result);
        return taken(new Address(hint.bits()));
    }

    private List<AbiConstant> stageFlags() {
        List<AbiConstant> flags = new ArrayList<>(List.of(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS));
        if (backing == BackingName.HUGETLB) {
            flags.add(MmapFlag.MAP_HUGETLB);
            flags.add(MmapFlag.MAP_HUGE_2MB);
        }
        return flags;
    }

    private Optional<String> taken(Address start) {
        Optional<String> objection = places.takeFree(start, region().range());
        return objection.isPresent() ? objection : next();
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
                && step.call()
                        .equals(Call.of(
                                SyscallName.MPROTECT, place.get(), lengthArg(), Arg.flags(ProtFlag.of(protection))))
                && step.expect().equals(Expectation.Kind.ZERO)
                && isWithoutUndo(step);
    }

    /** It comes before the swap, so that it must be possible to take it back: what returns without rights is no code. */
    private boolean closesPiece(Step.SyscallStep step) {
        AddressRange code = WidenedCalls.parkedRange(region(), region().code(), parking.asked());
        return step.call().equals(protect(code, Protection.NONE))
                && step.expect().equals(Expectation.Kind.ZERO)
                && undoIs(step, protect(code, region().protection()));
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
