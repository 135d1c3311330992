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
            Mapping original = mappings.stream()
                    .filter(mapping -> mapping.range().contains(region.range()))
                    .findFirst()
                    .orElseThrow();
            mappings.remove(original);
            add(original, original.range().start(), region.range().start());
            add(original, region.range().end(), original.range().end());
            boolean hugetlb = plan.header().backing() == BackingName.HUGETLB;
            mappings.add(new Mapping(
                    region.range(),
                    Protection.READ_EXECUTE,
                    false,
                    0,
                    hugetlb ? "00:0f" : "00:00",
                    hugetlb ? 1000 : 0,
                    hugetlb ? "/anon_hugepage (deleted)" : ""));
            mappings.add(new Mapping(
                    AddressRange.ofLength(parkOf(region, plan), region.range().length()),
                    NONE,
                    false,
                    region.fileOffset(),
                    original.device(),
                    original.inode(),
                    original.name()));
        }
        mappings.sort(Comparator.comparing(mapping -> mapping.range().start()));
        return new ProcessFacts(before.pid(), before.exe(), mappings, before.anchor(), List.of(), List.of());
    }

    private void add(Mapping original, Address start, Address end) {
        if (start.isBelow(end)) {
            long offset =
                    original.fileOffset() + start.distanceFrom(original.range().start());
            mappings.add(new Mapping(
                    new AddressRange(start, end),
                    original.protection(),
                    false,
                    offset,
                    original.device(),
                    original.inode(),
                    original.name()));
        }
    }

    /** The hint of the step that keeps the original. */
    private static Address parkOf(Region region, Plan plan) {
        for (Step step : plan.steps()) {
            boolean parks = step.region().equals(region.id())
                    && step instanceof Step.SyscallStep syscall
                    && syscall.why().startsWith("keep the original");
            if (parks) {
                return new Address(
                        ((Arg.Hex) ((Step.SyscallStep) step).call().args().get(4)).bits());
            }
        }
        throw new IllegalArgumentException("nothing is parked of " + region.id());
    }
}
