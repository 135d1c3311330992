package org.tiexec.protocol.plan;

import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.MmapFlag;
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
final class UndoRules extends OrderedRules<UndoRules.Point> {
    private final List<AddressRange> pieces;
    private final List<AddressRange> gaps;
    private Optional<Address> park = Optional.empty();
    private Optional<Arg> copy = Optional.empty();
    private int returned;
    private int released;
    private int dropped;

    /** What is to be done at each point. */
    enum Point implements Turn {
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

        Point(String rule) {
            this.rule = rule;
        }

        @Override
        public String rule() {
            return rule;
        }
    }

    /**
     * Rules for a region of a plan.
     *
     * @param places what the steps of all regions use
     */
    UndoRules(Region region, Places places) {
        super(region, places);
        this.pieces = region.mapped();
        this.gaps = region.gaps();
        add(Point.OPEN);
        add(Point.VERIFY);
        if (region.isWidened()) {
            add(Point.MAP);
            add(Point.FILL);
            add(Point.PROTECT);
            add(Point.REPLACE);
            add(pieces.size(), Point.RETURN_PIECE);
            add(gaps.size(), Point.RELEASE);
            add(gaps.size(), Point.DROP);
        } else {
            add(Point.RETURN);
        }
    }

    @Override
    public Optional<String> helper(Step.HelperStep step) {
        boolean fits = switch (turn()) {
            case VERIFY -> step.task() == HelperTask.VERIFY && step.to().equals(Arg.at(park()));
            case FILL -> step.task() == HelperTask.FILL && step.to().equals(copy());
            case OPEN, MAP, PROTECT, REPLACE, RETURN_PIECE, RELEASE, DROP, RETURN -> false;
        };
        return nextIf(fits);
    }

    @Override
    public Optional<String> syscall(Step.SyscallStep step) {
        return switch (turn()) {
            case OPEN -> open(step);
            case MAP -> map(step);
            case PROTECT -> {
                Call call = Call.protect(copy(), length(), region().protection());
                yield nextIf(is(step, call, Expectation.Kind.ZERO));
            }
            case REPLACE -> nextIf(is(step, moveTo(copy()), atStart(region().range())));
            case RETURN_PIECE -> {
                AddressRange piece = pieces.get(returned);
                Call call = WidenedCalls.bringBack(piece, WidenedCalls.parked(region(), piece, park()));
                returned++;
                yield nextIf(is(step, call, atStart(piece)));
            }
            case RELEASE -> nextIf(releases(step, gaps.get(released++)));
            case DROP -> nextIf(releases(step, WidenedCalls.parkedRange(region(), gaps.get(dropped++), park())));
            case RETURN -> nextIf(is(step, moveTo(Arg.at(park())), atStart(region().range())));
            case VERIFY, FILL -> wrong();
        };
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
        boolean fits = step.call().equals(Call.protect(parked, region().protection()))
                && step.expect().equals(Expectation.Kind.ZERO)
                && undoIs(step, Call.protect(parked, Protection.NONE));
        if (!fits) {
            return wrong();
        }
        park = Optional.of(start);
        Optional<String> objection = places().takePark(start, region());
        return objection.isPresent() ? objection : next();
    }

    private Optional<String> map(Step.SyscallStep step) {
        Optional<Address> place = mapsElsewhere(step, List.of(MmapFlag.MAP_PRIVATE, MmapFlag.MAP_ANONYMOUS));
        if (place.isEmpty()) {
            return wrong();
        }
        copy = Optional.of(new Arg.ResultOf(step.id()));
        return nextIfFree(place.get());
    }
}
