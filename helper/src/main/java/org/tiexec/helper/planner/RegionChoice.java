package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.region.CodeFile;
import org.tiexec.helper.region.MainExecutable;
import org.tiexec.helper.strategy.RegionStrategy;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.plan.Widening;
import org.tiexec.protocol.procfs.Mapping;

/** The regions of an executable that go to huge pages, with the reasons for all that stays. */
final class RegionChoice {
    private final ProcessFacts process;
    private final RegionStrategy strategy;
    private final List<Region> regions = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Mapping> tooSmall = new ArrayList<>();
    private final List<Mapping> tooSmallInLibraries = new ArrayList<>();
    private final String whose;
    private boolean inLibrary;
    private boolean refused;
    private long bytes;

    private RegionChoice(ProcessFacts process, RegionStrategy strategy, String whose) {
        this.process = process;
        this.strategy = strategy;
        this.whose = whose;
    }

    static RegionChoice of(ProcessFacts process, MainExecutable executable, RegionStrategy strategy) {
        RegionChoice choice = new RegionChoice(process, strategy, "the executable");
        for (Mapping mapping : executable.code()) {
            choice.consider(mapping);
        }
        for (Mapping mapping : executable.otherCode()) {
            choice.note(mapping, "left as it is: " + whyNot(mapping));
        }
        return choice;
    }

    /** As much as can be had of several files, for a process that runs. What is too small in a library is not told of. */
    static RegionChoice of(ProcessFacts process, List<CodeFile> files, Targets targets, RegionStrategy strategy) {
        RegionChoice choice = new RegionChoice(process, strategy, whose(targets));
        for (CodeFile file : files) {
            choice.inLibrary = !file.isExecutable();
            for (Mapping mapping : file.code()) {
                choice.consider(mapping);
            }
            for (Mapping mapping : file.otherCode()) {
                if (file.isExecutable()
                        || strategy.choose(mapping, process.mappings()).isPresent()) {
                    choice.note(mapping, "left as it is: " + whyNot(mapping));
                }
            }
        }
        return choice;
    }

    private static String whose(Targets targets) {
        return switch (targets) {
            case EXECUTABLE -> "the executable";
            case LIBRARIES -> "a library";
            case ALL -> "the executable or a library";
        };
    }

    /** The regions in the order in which they were found: ascending within a file. */
    List<Region> regions() {
        return regions;
    }

    /** What stays as it is, each with its reason. */
    List<String> notes() {
        List<String> all = new ArrayList<>(notes);
        if (!regions.isEmpty()) {
            for (Mapping mapping : tooSmall) {
                all.add(line(mapping, "", "no 2 MB of aligned code in " + Size.text(length(mapping))));
            }
        }
        return all;
    }

    /** Why there is no region, in words that follow "nothing to do". */
    String emptiness() {
        if (refused) {
            return "what has 2 MB of aligned code in " + whose + " must stay as it is";
        }
        long largest = 0;
        for (Mapping mapping : tooSmall) {
            largest = Math.max(largest, length(mapping));
        }
        for (Mapping mapping : tooSmallInLibraries) {
            largest = Math.max(largest, length(mapping));
        }
        String reason = "no mapping of " + whose + " has 2 MB of aligned code";
        return largest == 0 ? reason : reason + " (largest: " + Size.text(largest) + ")";
    }

    private void consider(Mapping mapping) {
        Optional<AddressRange> range = chosen(mapping);
        if (range.isEmpty()) {
            (inLibrary ? tooSmallInLibraries : tooSmall).add(mapping);
            return;
        }
        Optional<String> obstacle = obstacle(mapping, range.get());
        if (obstacle.isPresent()) {
            refused = true;
            note(mapping, "left as it is: " + obstacle.get());
        } else {
            bytes += range.get().length();
            add(new RegionId("r" + (regions.size() + 1)), range.get(), mapping);
        }
    }

    /** What the strategy takes, but on a side where something must stay as it is no more than the mapping has. */
    private Optional<AddressRange> chosen(Mapping mapping) {
        Optional<AddressRange> range = strategy.choose(mapping, process.mappings());
        if (range.isEmpty()) {
            return range;
        }
        AddressRange code = mapping.range();
        Address start = range.get().start();
        Address end = range.get().end();
        if (start.isBelow(code.start()) && mustStay(new AddressRange(start, code.start()), mapping)) {
            start = code.start().alignUp(PageSize.HUGE);
        }
        if (code.end().isBelow(end) && mustStay(new AddressRange(code.end(), end), mapping)) {
            end = code.end().alignDown(PageSize.HUGE);
        }
        return start.isBelow(end) ? Optional.of(new AddressRange(start, end)) : Optional.empty();
    }

    private boolean mustStay(AddressRange side, Mapping mapping) {
        Optional<String> reason =
                process.isSealed(side) ? Optional.of("sealed by the program (mseal)") : process.reasonAgainst(side);
        if (reason.isPresent()) {
            note(mapping, "not rounded outward over " + side + ": " + reason.get());
        }
        return reason.isPresent();
    }

    private Optional<String> obstacle(Mapping mapping, AddressRange range) {
        if (process.isSealed(mapping.range())) {
            return Optional.of("sealed by the program (mseal)");
        }
        Optional<String> reason = process.reasonAgainst(range);
        if (reason.isPresent()) {
            return reason;
        }
        if (process.patched()) {
            return Optional.of("its loader is going to patch it (text relocations, DT_TEXTREL)");
        }
        if (regions.size() == Plan.MAX_REGIONS) {
            return Optional.of("a plan has at most " + Plan.MAX_REGIONS + " regions");
        }
        return range.length() > Plan.MAX_BYTES - bytes
                ? Optional.of("a plan has at most " + Size.text(Plan.MAX_BYTES) + " of code")
                : Optional.empty();
    }

    private void add(RegionId id, AddressRange range, Mapping mapping) {
        AddressRange whole = mapping.range();
        AddressRange code = range.intersection(whole).orElseThrow();
        long head = code.start().distanceFrom(whole.start());
        long tail = whole.end().distanceFrom(code.end());
        List<Widened> widened = Widening.of(range, mapping, process.mappings()).orElseThrow();
        if (head + tail > 0) {
            String pages = head / PageSize.BASE + " + " + tail / PageSize.BASE;
            note(mapping, pages + " pages of 4 KB before and after " + id + " stay on the file");
        } else if (inLibrary && widened.isEmpty()) {
            note(mapping, id + " is all of it");
        }
        for (Widened piece : widened) {
            notes.add(id + " is widened over " + piece.range() + ", "
                    + switch (piece.before()) {
                        case GAP -> "where nothing is mapped: zero bytes that can be executed";
                        case READ_ONLY -> "read-only before: it can be executed";
                    });
        }
        regions.add(new Region(id, range, whole, mapping.fileOffset() + head, mapping.protection(), widened));
    }

    private static String whyNot(Mapping mapping) {
        if (mapping.shared()) {
            return "a shared mapping";
        }
        return mapping.protection().write() ? "writable and executable" : "not readable";
    }

    private void note(Mapping mapping, String text) {
        notes.add(line(mapping, inLibrary ? " " + mapping.name() : "", text));
    }

    private static String line(Mapping mapping, String file, String text) {
        return mapping.range() + " " + mapping.protection() + file + ": " + text;
    }

    private static long length(Mapping mapping) {
        return mapping.range().length();
    }
}
