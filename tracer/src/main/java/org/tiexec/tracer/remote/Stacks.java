package org.tiexec.tracer.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;

/**
 * The mappings of a process that are stacks of its threads, as far as that can be told from outside.
 *
 * <p>Stacks that a program has made itself within its heap, as Go does for goroutines, end where something else begins:
 * nobody may write below their stack pointer but their program.
 */
final class Stacks {
    private static final String MAIN = "[stack]";
    static final long ROOM = 16 << 10;

    /** Farther down than the first thread gets while another one makes a call of ours. */
    private static final long DISTANCE = 64 << 10;

    /** {@code stack_guard_gap}, if nobody has changed it, {@code Documentation/admin-guide/kernel-parameters.txt}. */
    private static final long GAP = 1 << 20;

    private static final Protection NO_ACCESS = new Protection(false, false, false);

    private final List<AddressRange> ranges;
    private final Supplier<Optional<Address>> spare;

    private Stacks(List<AddressRange> ranges, Supplier<Optional<Address>> spare) {
        this.ranges = ranges;
        this.spare = spare;
    }

    /**
     * Takes the kernel's own, and memory that begins at a guard page, as thread libraries make it.
     *
     * @param untouched tells of which memory nothing has ever been written to; asked only where a spare stack is wanted
     */
    static Stacks in(List<Mapping> mappings, Predicate<AddressRange> untouched) {
        List<AddressRange> ranges = new ArrayList<>();
        Supplier<Optional<Address>> spare = Optional::empty;
        for (int i = 0; i < mappings.size(); i++) {
            Mapping mapping = mappings.get(i);
            Address floor = i == 0 ? Address.ZERO : mappings.get(i - 1).range().end();
            if (mapping.name().equals(MAIN)) {
                ranges.add(grown(mapping.range(), floor));
                spare = () -> spare(mapping.range(), floor, untouched);
            } else if (i > 0 && isGuarded(mapping, mappings.get(i - 1))) {
                ranges.add(mapping.range());
            }
        }
        return new Stacks(ranges, spare);
    }

    /**
     * What the kernel's own stack has never been used for, so far down that its thread does not come there soon: its end, as
     * it was made at first or has become by an earlier spare, or else what is to become its end.
     */
    private static Optional<Address> spare(AddressRange stack, Address floor, Predicate<AddressRange> untouched) {
        Address end = stack.start();
        if (stack.length() > DISTANCE && untouched.test(AddressRange.ofLength(end, DISTANCE))) {
            return Optional.of(end.plus(ROOM));
        }
        return end.bits() - floor.bits() >= GAP + DISTANCE + ROOM ? Optional.of(end.plus(-DISTANCE)) : Optional.empty();
    }

    /** The kernel makes its own stack larger for whoever writes below it, us included, up to a gap above what is below. */
    private static AddressRange grown(AddressRange stack, Address floor) {
        return stack.start().bits() - floor.bits() >= GAP + ROOM
                ? new AddressRange(stack.start().plus(-ROOM), stack.end())
                : stack;
    }

    private static boolean isGuarded(Mapping mapping, Mapping below) {
        return !mapping.shared()
                && mapping.inode() == 0
                && mapping.protection().equals(Protection.READ_WRITE)
                && below.protection().equals(NO_ACCESS)
                && below.range().end().equals(mapping.range().start());
    }

    /**
     * Below which address a signal frame may be put for a thread: on its own stack, or, if that is none that is known, far
     * below the first thread's.
     *
     * @param end where its stack ends
     */
    Optional<Address> frameBelow(Address end) {
        return hasRoomBelow(end) ? Optional.of(end) : spare.get();
    }

    /** Whether there is a stack with room for a signal frame below its end. */
    boolean hasRoomBelow(Address end) {
        for (AddressRange range : ranges) {
            if (range.contains(end) && end.bits() - range.start().bits() >= ROOM) {
                return true;
            }
        }
        return false;
    }
}
