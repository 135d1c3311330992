package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.WidenedCalls;
import org.tiexec.protocol.procfs.Mapping;

/** A process as an attach leaves it, where the kernel followed every hint. */
final class ExecutedPlan {
    private static final Protection NONE = new Protection(false, false, false);

    private final ProcessFacts before;
    private final List<Mapping> mappings;

    ExecutedPlan(ProcessFacts before) {
        this.before = before;
        this.mappings = new ArrayList<>(before.mappings());
    }

    ProcessFacts of(Plan plan) {
        for (Region region : plan.header().regions()) {
            Address park = parkOf(region, plan);
            for (AddressRange piece : region.mapped()) {
                Mapping original = mappings.stream()
                        .filter(mapping -> mapping.range().contains(piece))
                        .findFirst()
                        .orElseThrow();
                mappings.remove(original);
                add(original, original.range().start(), piece.start(), original.protection(), 0);
                add(original, piece.end(), original.range().end(), original.protection(), 0);
                long away = park.distanceFrom(region.range().start());
                boolean code = piece.equals(region.code());
                add(original, piece.start(), piece.end(), code ? NONE : original.protection(), away);
            }
            for (AddressRange gap : region.gaps()) {
                AddressRange place = WidenedCalls.parkedRange(region, gap, park);
                mappings.add(new Mapping(place, Protection.READ, false, 0, "00:00", 0, ""));
            }
            boolean hugetlb = plan.header().backing() == BackingName.HUGETLB;
            mappings.add(new Mapping(
                    region.range(),
                    Protection.READ_EXECUTE,
                    false,
                    0,
                    hugetlb ? "00:0f" : "00:00",
                    hugetlb ? 1000 : 0,
                    hugetlb ? "/anon_hugepage (deleted)" : ""));
        }
        mappings.sort(Comparator.comparing(mapping -> mapping.range().start()));
        return new ProcessFacts(before.pid(), before.exe(), mappings, before.anchor(), List.of(), List.of());
    }

    private void add(Mapping original, Address start, Address end, Protection protection, long away) {
        if (start.isBelow(end)) {
            long offset =
                    original.fileOffset() + start.distanceFrom(original.range().start());
            mappings.add(new Mapping(
                    new AddressRange(start.plus(away), end.plus(away)),
                    protection,
                    false,
                    offset,
                    original.device(),
                    original.inode(),
                    original.name()));
        }
    }

    /** The place, or the hint, of the step that keeps the original. */
    private static Address parkOf(Region region, Plan plan) {
        for (Step step : plan.steps()) {
            if (step.region().equals(region.id()) && step instanceof Step.SyscallStep syscall) {
                if (syscall.why().startsWith("reserve the place")) {
                    return address(syscall, 0);
                }
                if (syscall.why().startsWith("keep the original")) {
                    return address(syscall, 4);
                }
            }
        }
        throw new IllegalArgumentException("nothing is parked of " + region.id());
    }

    private static Address address(Step.SyscallStep step, int argument) {
        return new Address(((Arg.Hex) step.call().args().get(argument)).bits());
    }
}
