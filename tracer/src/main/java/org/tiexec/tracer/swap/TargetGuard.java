package org.tiexec.tracer.swap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SmapsParser;
import org.tiexec.tracer.sys.ByteComparison;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.ProcessView;

/** Checks by reading the target's memory and its smaps. */
public final class TargetGuard implements CommitGuard {
    private static final int GLANCE = 64;

    private final ProcessView target;
    private final ByteComparison comparison;
    private final RollbackCheck rollback;

    /**
     * Checks in {@code target}, which stands still or runs.
     *
     * @param comparison compares in the target's memory
     * @param before the target's mappings before the plan
     */
    public TargetGuard(ProcessView target, ByteComparison comparison, List<Mapping> before) {
        this.target = target;
        this.comparison = comparison;
        this.rollback = new RollbackCheck(before);
    }

    @Override
    public Optional<String> differs(Region region, Address fresh, Address original) {
        long length = region.range().length();
        try {
            long difference = comparison.firstDifference(fresh, original, length);
            return difference == length
                    ? Optional.empty()
                    : Optional.of("the new memory differs from the original near "
                            + region.range().start().plus(difference));
        } catch (SysException e) {
            return Optional.of("the new memory cannot be compared with the original: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> isNotHuge(AddressRange range) {
        try {
            List<MappedPages> pages = SmapsParser.parse(target.procFile("smaps"), range);
            if (MappedPages.areWhollyHuge(pages, range)) {
                return Optional.empty();
            }
            long huge = 0;
            for (MappedPages entry : pages) {
                huge += entry.hugeBytes();
            }
            return Optional.of("only " + (huge >> 10) + " of " + (range.length() >> 10) + " kB are on 2 MB pages");
        } catch (IOException | ProcFormatException e) {
            return Optional.of("smaps cannot be read: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> isNotNew(AddressRange place) {
        return rollback.wasMapped(place)
                ? Optional.of("the kernel answered " + place.start() + ", where something else is mapped")
                : Optional.empty();
    }

    @Override
    public Optional<String> isNotParked(Region region, Address place) {
        try {
            Optional<String> absence = rollback.absence(region, place, MapsParser.parse(target.procFile("maps")));
            return absence.isPresent()
                    ? Optional.of("the original is not parked at " + place + ": " + absence.get())
                    : Optional.empty();
        } catch (IOException | ProcFormatException e) {
            return Optional.of("maps cannot be read: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> beginsOtherwise(Region region, Address place) {
        ByteBuffer here = ByteBuffer.allocate(GLANCE);
        ByteBuffer there = ByteBuffer.allocate(GLANCE);
        try {
            target.read(region.range().start(), here);
            target.read(place, there);
            return Arrays.equals(here.array(), there.array())
                    ? Optional.empty()
                    : Optional.of("the original is not parked at " + place + ", where other bytes are");
        } catch (IOException e) {
            return Optional.of("the original is not parked at " + place + ": " + e.getMessage());
        }
    }

    @Override
    public Optional<String> hasChanged(AddressRange range, Protection protection) {
        try {
            return rollback.change(range, protection, MapsParser.parse(target.procFile("maps")));
        } catch (IOException | ProcFormatException e) {
            return Optional.of("maps cannot be read: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> isNotClaimed(AddressRange gap) {
        try {
            return RollbackCheck.takenAway(gap, MapsParser.parse(target.procFile("maps")));
        } catch (IOException | ProcFormatException e) {
            return Optional.of("maps cannot be read: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> isNotAsBefore(Region region, List<AddressRange> places) {
        try {
            return rollback.difference(region, places, MapsParser.parse(target.procFile("maps")));
        } catch (IOException | ProcFormatException e) {
            return Optional.of("maps cannot be read: " + e.getMessage());
        }
    }
}
