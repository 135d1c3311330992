package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.region.ParkedCode;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.procfs.Mapping;

/** Plans the way back of what attaches have parked in a process; reads and changes nothing. */
public final class UndoPlanner {
    private final ProcessFacts process;
    private final StageSpace space;
    private final List<Region> regions = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long bytes;
    private boolean hugetlb;

    private UndoPlanner(ProcessFacts process) {
        this.process = process;
        this.space = new StageSpace(process.mappings());
    }

    /**
     * Decides what is to be done.
     *
     * @param process the process
     * @param parked what is parked in it
     * @param host what the machine offers now, for the archive
     */
    public static Decision plan(ProcessFacts process, ParkedCode parked, HostFacts host) {
        UndoPlanner planner = new UndoPlanner(process);
        for (ParkedCode.Homecoming homecoming : parked.homecomings()) {
            planner.consider(homecoming);
        }
        for (ParkedCode.Stranded stranded : parked.stranded()) {
            planner.note(stranded.park(), stranded.reason());
        }
        return planner.decision(host);
    }

    private void consider(ParkedCode.Homecoming homecoming) {
        Mapping park = homecoming.park();
        long length = homecoming.home().length();
        if (regions.size() == Plan.MAX_REGIONS) {
            note(park, "a plan has at most " + Plan.MAX_REGIONS + " regions (undo again)");
        } else if (length > Plan.MAX_BYTES - bytes) {
            note(park, "a plan has at most " + Size.text(Plan.MAX_BYTES) + " of code (undo again)");
        } else {
            bytes += length;
            hugetlb |= homecoming.hugetlb();
            Region region = new Region(
                    new RegionId("r" + (regions.size() + 1)),
                    homecoming.home(),
                    homecoming.code(),
                    park.fileOffset(),
                    Protection.READ_EXECUTE,
                    homecoming.widened());
            regions.add(region);
            notes.add(region.range() + ": " + region.id() + " goes back to " + park.name());
            new UndoSteps(region, homecoming.start(), space, steps).add();
        }
    }

    private void note(Mapping park, String reason) {
        notes.add(park.range() + " " + park.protection() + " " + park.name() + ": stays parked: " + reason);
    }

    private Decision decision(HostFacts host) {
        if (!regions.isEmpty()) {
            return new Decision.Proposed(new Plan(header(host), steps));
        }
        return notes.isEmpty()
                ? new Decision.Declined(
                        true, "nothing to undo: no code of a file is parked in process " + process.pid())
                : new Decision.Declined(false, "nothing can be undone: " + String.join("; ", notes));
    }

    private PlanHeader header(HostFacts host) {
        return new PlanHeader(
                process.pid(),
                process.exe(),
                Planner.ARCHITECTURE,
                Purpose.UNDO,
                StrategyName.CONSERVATIVE,
                hugetlb ? BackingName.HUGETLB : BackingName.THP,
                MethodName.STAGED_SWAP,
                regions,
                notes,
                host);
    }
}
