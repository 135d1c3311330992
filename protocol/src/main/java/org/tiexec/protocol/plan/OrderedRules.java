package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.Protection;

/** Rules for a region whose steps have just one order, which is known from the start. */
abstract sealed class OrderedRules<T extends OrderedRules.Turn> extends RegionRules permits AttachRules, UndoRules {
    private final Places places;
    private final List<T> turns = new ArrayList<>();
    private int taken;

    /** What is to be done at one point. */
    interface Turn {
        /** What is told about a step that does not do it. */
        String rule();
    }

    /**
     * Rules without any turn yet.
     *
     * @param places what the steps of all regions use
     */
    OrderedRules(Region region, Places places) {
        super(region);
        this.places = places;
    }

    /** Appends one turn. */
    final void add(T turn) {
        turns.add(turn);
    }

    /** Appends one turn, so many times. */
    final void add(int times, T turn) {
        for (int i = 0; i < times; i++) {
            turns.add(turn);
        }
    }

    final Places places() {
        return places;
    }

    /** What is to be done now. */
    final T turn() {
        return turns.get(taken);
    }

    /** The answer about a step: it is accepted if it does what is to be done now. */
    final Optional<String> nextIf(boolean fits) {
        return fits ? next() : wrong();
    }

    /** The answer about a step that does what is to be done now. */
    final Optional<String> next() {
        taken++;
        if (taken == turns.size()) {
            complete();
        }
        return Optional.empty();
    }

    /** The answer about a step that does not. */
    final Optional<String> wrong() {
        return Optional.of(turn().rule());
    }

    /** The answer about a step that does it at a place where nothing may be yet. */
    final Optional<String> nextIfFree(Address start) {
        Optional<String> objection = places.takeFree(start, region().range());
        return objection.isPresent() ? objection : next();
    }

    /** Where a step wants to map new memory for the whole region that is not mapped at a fixed place; empty if it does not. */
    final Optional<Address> mapsElsewhere(Step.SyscallStep step, List<AbiConstant> flags) {
        List<Arg> args = step.call().args();
        boolean fits = step.call().name() == SyscallName.MMAP
                && isLength(args.get(1))
                && args.get(2).equals(Arg.flags(ProtFlag.of(Protection.READ_WRITE)))
                && args.get(3).equals(Arg.flags(flags))
                && args.get(4).equals(new Arg.Number(-1))
                && args.get(5).equals(new Arg.Number(0))
                && step.expect().equals(Expectation.Kind.ADDRESS)
                && undoIs(step, Call.of(SyscallName.MUNMAP, new Arg.ResultOf(step.id()), Arg.length(length())));
        return fits && args.get(0) instanceof Arg.Hex hint ? Optional.of(new Address(hint.bits())) : Optional.empty();
    }
}
