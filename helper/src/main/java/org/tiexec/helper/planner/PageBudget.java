package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.procfs.Mapping;

/**
 * How many 2 MB pages a plan may use.
 *
 * <p>The largest regions come first, as their code is spread most; the last one for which there are pages gets them from its
 * beginning.
 */
final class PageBudget {
    private final Optional<Integer> pages;
    private final List<Region> cut = new ArrayList<>();
    private final List<Long> left = new ArrayList<>();

    PageBudget(Selection selection) {
        this.pages = selection.maxPages();
    }

    /** The regions that can be afforded, in the order in which they were. */
    List<Region> spendOn(List<Region> regions) {
        if (pages.isEmpty()) {
            return regions;
        }
        List<Region> bySize = new ArrayList<>(regions);
        bySize.sort(Comparator.comparingLong(PageBudget::pagesOf).reversed());
        List<Region> affordable = new ArrayList<>(regions);
        long rest = pages.get();
        for (Region region : bySize) {
            long taken = Math.min(rest, pagesOf(region));
            rest -= taken;
            if (taken < pagesOf(region)) {
                cut.add(region);
                left.add(pagesOf(region) - taken);
                int at = affordable.indexOf(region);
                if (taken == 0) {
                    affordable.remove(at);
                } else {
                    affordable.set(at, beginning(region, taken));
                }
            }
        }
        return affordable;
    }

    private static long pagesOf(Region region) {
        return region.range().pages(PageSize.HUGE);
    }

    /** A region is widened by less than a page at either end, so each of these pages has code of its mapping. */
    private static Region beginning(Region region, long pages) {
        AddressRange range = AddressRange.ofLength(region.range().start(), pages * PageSize.HUGE);
        List<Widened> widened = new ArrayList<>();
        for (Widened piece : region.widened()) {
            if (range.contains(piece.range())) {
                widened.add(piece);
            }
        }
        return new Region(region.id(), range, region.mapping(), region.fileOffset(), region.protection(), widened);
    }

    /**
     * What was left, as one note; none if nothing was.
     *
     * @param mappings those of the process, for the names of files
     */
    List<String> notes(List<Mapping> mappings) {
        if (cut.isEmpty()) {
            return List.of();
        }
        long all = 0;
        StringBuilder each = new StringBuilder();
        for (int i = 0; i < cut.size(); i++) {
            Region region = cut.get(i);
            all += left.get(i);
            each.append(each.length() == 0 ? "" : ", ").append(left.get(i)).append(" of ");
            each.append(pagesOf(region)).append(" of ").append(fileOf(region, mappings));
        }
        return List.of("--max-pages=" + pages.orElseThrow() + ": " + all + (all == 1 ? " page" : " pages")
                + " of 2 MB left as they are: " + each);
    }

    private static String fileOf(Region region, List<Mapping> mappings) {
        for (Mapping mapping : mappings) {
            if (mapping.range().equals(region.mapping())) {
                return mapping.name();
            }
        }
        return region.id().toString();
    }
}
