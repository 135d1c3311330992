package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.backing.Backing;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.region.CodeFile;
import org.tiexec.helper.region.MainExecutable;
import org.tiexec.helper.region.ParkedCode;
import org.tiexec.helper.strategy.Strategies;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;

/** Makes a plan out of facts; reads and changes nothing. */
public final class Planner {
    static final String ARCHITECTURE = "x86_64";

    private final ProcessFacts process;
    private final HostFacts host;
    private final Settings settings;
    private final List<String> notes;

    private Planner(ProcessFacts process, HostFacts host, Settings settings) {
        this.process = process;
        this.host = host;
        this.settings = settings;
        this.notes = new ArrayList<>(process.caveats());
    }

    /**
     * Decides what is to be done, at launch or by an attach.
     *
     * @param process the process, or a prediction of it
     * @param host what the machine offers now
     * @param settings what the user wants
     */
    public static Decision plan(ProcessFacts process, HostFacts host, Settings settings) {
        return new Planner(process, host, settings).decide();
    }

    private Decision decide() {
        if (process.anchor().isEmpty()) {
            return new Decision.Declined(
                    false, "process " + process.pid() + ": its auxiliary vector names no program headers (32-bit?)");
        }
        Address anchor = process.anchor().get();
        boolean atFirstInstruction =
                settings.purpose() == Purpose.LAUNCH && !settings.targets().includeLibraries();
        return atFirstInstruction ? decideForExecutable(anchor) : decideForFiles(anchor);
    }

    private Decision decideForFiles(Address anchor) {
        List<CodeFile> files = CodeFile.of(process.mappings(), anchor, settings.targets(), settings.selection());
        boolean found = !files.isEmpty() && files.get(0).isExecutable();
        if (settings.targets().includeExecutable() && !found) {
            notes.add("no file is mapped at the program headers, " + anchor
                    + ", so that the executable cannot be told; its code may be on huge pages already");
        }
        noteParked();
        RegionChoice choice =
                RegionChoice.of(process, files, settings.targets(), Strategies.named(settings.strategy()));
        return decideFor(choice);
    }

    private void noteParked() {
        long bytes = 0;
        for (ParkedCode.Homecoming parked : ParkedCode.in(process.mappings()).homecomings()) {
            bytes += parked.home().length();
        }
        if (bytes > 0) {
            notes.add(Size.text(bytes) + " of code are on 2 MB pages already, by an earlier attach (it can be undone)");
        }
    }

    private Decision decideForExecutable(Address anchor) {
        Optional<MainExecutable> executable = MainExecutable.find(process.mappings(), anchor);
        if (executable.isEmpty()) {
            return nothingToDo(
                    "no file is mapped at the program headers, " + anchor + "; the code may be on huge pages already");
        }
        RegionChoice choice = RegionChoice.of(process, executable.get(), Strategies.named(settings.strategy()));
        return decideFor(choice);
    }

    private Decision decideFor(RegionChoice choice) {
        notes.addAll(choice.notes());
        if (choice.regions().isEmpty()) {
            return nothingToDo(choice.emptiness());
        }
        PageBudget budget = new PageBudget(settings.selection());
        List<Region> regions = budget.spendOn(choice.regions());
        notes.addAll(budget.notes(process.mappings()));
        return backed(regions);
    }

    private Decision nothingToDo(String reason) {
        StringBuilder text = new StringBuilder("nothing to do: ").append(reason);
        for (String note : notes) {
            text.append("; ").append(note);
        }
        return new Decision.Declined(true, text.toString());
    }

    private Decision backed(List<Region> regions) {
        long hugePages = 0;
        for (Region region : regions) {
            hugePages += region.range().pages(PageSize.HUGE);
        }
        if (!host.kernelIsAtLeast(5, 13)) {
            return new Decision.Declined(
                    false, "Linux " + host.kernelRelease() + " cannot keep the original aside (5.13 or later can)");
        }
        BackingSelection selection = BackingSelection.of(settings, host, hugePages);
        if (selection.backing().isEmpty()) {
            return new Decision.Declined(false, selection.note());
        }
        if (!selection.note().isEmpty()) {
            notes.add(selection.note());
        }
        return new Decision.Proposed(plan(regions, selection.backing().get()));
    }

    private Plan plan(List<Region> regions, Backing backing) {
        SwapMethod method = method(backing);
        StageSpace space = new StageSpace(process.mappings());
        List<Step> steps = new ArrayList<>();
        for (Region region : regions) {
            method.addTo(new RegionSteps(region, backing, space, steps));
        }
        PlanHeader header = new PlanHeader(
                process.pid(),
                process.exe(),
                ARCHITECTURE,
                settings.purpose(),
                settings.strategy(),
                backing.name(),
                method.name(),
                regions,
                notes,
                host);
        return new Plan(header, steps);
    }

    private SwapMethod method(Backing backing) {
        if (settings.purpose() == Purpose.ATTACH) {
            return new LiveSwap();
        }
        if (settings.method() == MethodChoice.IN_PLACE) {
            return new InPlace();
        }
        if (settings.method() == MethodChoice.AUTO && !backing.isMovable(host)) {
            notes.add("in-place: Linux " + host.kernelRelease() + " cannot move hugetlb memory (5.16 or later can)");
            return new InPlace();
        }
        return new StagedSwap();
    }
}
