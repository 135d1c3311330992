package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.region.MainExecutable;
import org.tiexec.helper.strategy.RegionStrategy;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.procfs.Mapping;

/** The regions of an executable that go to huge pages, with the reasons for all that stays. */
final class RegionChoice {
    private final ProcessFacts process;
    private final RegionStrategy strategy;
    private final List<Region> regions = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Mapping> tooSmall = new ArrayList<>();
    private long bytes;

    private RegionChoice(ProcessFacts process, RegionStrategy strategy) {
        this.process = process;
        this.strategy = strategy;
    }

    static RegionChoice of(ProcessFacts process, MainExecutable executable, RegionStrategy strategy) {
        RegionChoice choice = new RegionChoice(process, strategy);
        for (Mapping mapping : executable.code()) {
            choice.consider(mapping);
        }
        for (Mapping mapping : executable.otherCode()) {
            choice.note(mapping, "left as it is: " + whyNot(mapping));
        }
        return choice;
    }

    /** The regions in ascending order. */
    List<Region> regions() {
        return regions;
    }

    /** What stays as it is, each with its reason. */
    List<String> notes() {
        List<String> all = new ArrayList<>(notes);
        if (!regions.isEmpty()) {
            for (Mapping mapping : tooSmall) {
                all.add(line(mapping, "no 2 MB of aligned code in " + Size.text(length(mapping))));
            }
        }
        return all;
    }

    /** Why there is no region, in words that follow "nothing to do". */
    String emptiness() {
        long largest = 0;
        for (Mapping mapping : tooSmall) {
            largest = Math.max(largest, length(mapping));
        }
        String reason = "no mapping of the executable has 2 MB of aligned code";
        return largest == 0 ? reason : reason + " (largest: " + Size.text(largest) + ")";
    }

    private void consider(Mapping mapping) {
        Optional<AddressRange> range = strategy.choose(mapping, process.mappings());
        if (range.isEmpty()) {
            tooSmall.add(mapping);
        } else if (process.isSealed(mapping.range())) {
            note(mapping, "left as it is: sealed by the program (mseal)");
        } else if (process.patched()) {
            note(mapping, "left as it is: its loader is going to patch it (text relocations, DT_TEXTREL)");
        } else if (regions.size() == Plan.MAX_REGIONS) {
            note(mapping, "left as it is: a plan has at most " + Plan.MAX_REGIONS + " regions");
        } else if (range.get().length() > Plan.MAX_BYTES - bytes) {
            note(mapping, "left as it is: a plan has at most " + Size.text(Plan.MAX_BYTES) + " of code");
        } else {
            bytes += range.get().length();
            add(new RegionId("r" + (regions.size() + 1)), range.get(), mapping);
        }
    }

    private void add(RegionId id, AddressRange range, Mapping mapping) {
        AddressRange whole = mapping.range();
        long head = range.start().distanceFrom(whole.start());
        long tail = whole.end().distanceFrom(range.end());
        if (head + tail > 0) {
            String pages = head / PageSize.BASE + " + " + tail / PageSize.BASE;
            note(mapping, pages + " pages of 4 KB before and after " + id + " stay on the file");
        }
        regions.add(new Region(id, range, whole, mapping.fileOffset() + head, mapping.protection()));
    }

    private static String whyNot(Mapping mapping) {
        if (mapping.shared()) {
            return "a shared mapping";
        }
        return mapping.protection().write() ? "writable and executable" : "not readable";
    }

    private void note(Mapping mapping, String text) {
        notes.add(line(mapping, text));
    }

    private static String line(Mapping mapping, String text) {
        return mapping.range() + " " + mapping.protection() + ": " + text;
    }

    private static long length(Mapping mapping) {
        return mapping.range().length();
    }
}
