package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * The steps by which the parked original of a region comes back: these, each once, in this order.
 *
 * <p>Give the parked file its protection, verify the region against it, move it over the region. Whether the park belongs
 * there cannot be told from addresses: whoever executes the plan compares both before the move.
 *
 * <p>Where the region is widened, that is several pieces, and memory on reserved pages cannot be replaced piece by piece. So
 * a copy of the region on small pages is moved over it before, over which then each piece is moved; the gaps are unmapped
 * last, here and in the park. At each moment all of the code is mapped.
 */
final class UndoRules extends RegionRules {
    private final Places places;
    private final List<Turn> turns = new ArrayList<>();
    private final List<AddressRange> pieces;
    private final List<AddressRange> gaps;
    private Optional<Address> park = Optional.empty();
    private Optional<Arg> copy = Optional.empty();
    private int taken;
    private int returned;
    private int released;
    private int dropped;

    /** What is to be done at each point. */
    private enum Turn {
        OPEN("an undo begins with mprotect, which gives the whole park the region's own protection"
                + " and is undone by taking it again"),
        VERIFY("an undo verifies the region against the park before it moves the park"),
        MAP("mmap maps a copy on small pages: the region's length, private anonymous read-write memory, elsewhere,"
                + " undone by munmap"),
        FILL("the copy is filled"),
        PROTECT("mprotect gives the whole copy the region's own protection"),
        REPLACE("mremap moves the whole copy over the region"),
        RETURN_PIECE("mremap moves the next piece of the park back"),
        RELEASE("munmap takes the copy out of the region's next gap"),
        DROP("munmap takes away what stands for the next gap in the park"),
        RETURN("an undo ends with mremap, which moves the whole park over the region");

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
    UndoRules(Region region, Places places) {
        super(region);
        this.places = places;
        this.pieces = region.mapped();
        this.gaps = region.gaps();
        add(1, Turn.OPEN, Turn.VERIFY);
        if (region.isWidened()) {
            add(1, Turn.MAP, Turn.FILL, Turn.PROTECT, Turn.REPLACE);
            add(pieces.size(), Turn.RETURN_PIECE);
            add(gaps.size(), Turn.RELEASE);
            add(gaps.size(), Turn.DROP);
        } else {
            add(1, Turn.RETURN);
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
            case VERIFY -> step.task() == HelperTask.VERIFY && step.to().equals(Arg.at(park()));
            case FILL -> step.task() == HelperTask.FILL && step.to().equals(copy());
            case OPEN, MAP, PROTECT, REPLACE, RETURN_PIECE, RELEASE, DROP, RETURN -> false;
        };
        return fits ? next() : wrong();
    }

    @Override
    public Optional<String> syscall(Step.SyscallStep step) {
        return switch (turn()) {
            case OPEN -> open(step);
            case MAP -> map(step);
            case PROTECT -> {
                Arg protection = Arg.flags(ProtFlag.of(region().protection()));
                Call call = Call.of(SyscallName.MPROTECT, copy(), Arg.length(length()), protection);
                yield is(step, call, Expectation.Kind.ZERO) ? next() : wrong();
            }
            case REPLACE -> is(step, moveTo(copy()), atStart(region().range())) ? next() : wrong();
            case RETURN_PIECE -> {
                AddressRange piece = pieces.get(returned);
                Call call = WidenedCalls.bringBack(piece, WidenedCalls.parked(region(), piece, park()));
                returned++;
                yield is(step, call, atStart(piece)) ? next() : wrong();
            }
            case RELEASE -> releases(step, gaps.get(released++)) ? next() : wrong();
            case DROP ->
                releases(step, WidenedCalls.parkedRange(region(), gaps.get(dropped++), park())) ? next() : wrong();
            case RETURN -> is(step, moveTo(Arg.at(park())), atStart(region().range())) ? next() : wrong();
            case VERIFY, FILL -> wrong();
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
        return Optional.of(turn().rule);
    }

    private Address park() {
        return park.orElseThrow();
    }

    private Arg copy() {
        return copy.orElseThrow();
    }

    private static Expectation atStart(AddressRange range) {
        return new Expectation.Exactly(range.start());
    }

    private static boolean is(Step.SyscallStep step, Call call, Expectation expect) {
        return step.call().equals(call) && step.expect().equals(expect) && isWithoutUndo(step);
    }

    private static boolean releases(Step.SyscallStep step, AddressRange gap) {
        return is(step, WidenedCalls.release(gap), Expectation.Kind.ZERO);
    }

    private Optional<String> open(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        if (step.call().name() != SyscallName.MPROTECT || !(args.get(0) instanceof Arg.Hex place)) {
            return wrong();
        }
        AddressRange code = region().code();
        long into = code.start().distanceFrom(region().range().start());
        Address start = new Address(place.bits() - into);
        if (!start.isBelow(start.plus(length()))) {
            return wrong();
        }
        AddressRange parked = WidenedCalls.parkedRange(region(), code, start);
        boolean fits = step.call().equals(protect(parked, region().protection()))
                && step.expect().equals(Expectation.Kind.ZERO)
                && undoIs(step, protect(parked, Protection.NONE));
        if (!fits) {
            return wrong();
        }
        park = Optional.of(start);
        Optional<String> objection = places.takePark(start, region());
        return objection.isPresent() ? objection : next();
    }

    private Optional<String> map(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        Arg result = new Arg.ResultOf(step.id());
        boolean fits = step.call().name() == SyscallName.MMAP
                && isLength(args.get(1))
                && args.get(2).equals(Arg.flags(ProtFlag.of(Protection.READ_WRITE)))
                && args.get(3).equals(Arg.flags(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS))
                && args.get(4).equals(new Arg.Number(-1))
                && args.get(5).equals(new Arg.Number(0))
                && step.expect().equals(Expectation.Kind.ADDRESS)
                && undoIs(step, Call.of(SyscallName.MUNMAP, result, Arg.length(length())));
        if (!fits || !(args.get(0) instanceof Arg.Hex hint)) {
            return wrong();
        }
        copy = Optional.of(result);
        Optional<String> objection = places.takeFree(new Address(hint.bits()), region().range());
        return objection.isPresent() ? objection : next();
    }
}
