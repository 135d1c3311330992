package org.tiexec.helper.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.strategy.RegionStrategy;
import org.tiexec.helper.strategy.Strategies;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.LoadSegment;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.procfs.Mapping;

/**
 * The process that an executable file would become.
 *
 * <p>A program that is linked to fixed addresses is predicted exactly. The kernel chooses where a position-independent
 * one goes; it is shown where it goes without address randomisation, with the range of what may come out instead.
 */
public final class ElfPrediction {
    private static final int NO_PID = 0;

    /** Where the kernel puts a dynamic PIE without randomisation ({@code ELF_ET_DYN_BASE}, {@code asm/elf.h}). */
    private static final long PIE_BASE = 0x5555_5555_4000L;

    /** The largest user-space address plus one with four-level tables ({@code TASK_SIZE}). */
    private static final long ADDRESS_LIMIT = 1L << 47;

    /** The file is its own and only one: any inode but 0 will do. */
    private static final long INODE = 1;

    private static final String DEVICE = "00:00";

    private ElfPrediction() {}

    /**
     * Predicts from the program headers.
     *
     * @param path the file's path, for people
     * @param headers a 64-bit executable's headers
     * @param name the strategy of the plan that is going to be made
     */
    public static ProcessFacts of(String path, ElfHeaders headers, StrategyName name) {
        RegionStrategy strategy = Strategies.named(name);
        long alignment = headers.alignment();
        long base = headers.positionIndependent() ? (PIE_BASE & -alignment) - firstPage(headers) : 0;
        List<Mapping> mappings = mappings(path, headers, base);
        Optional<Address> anchor = Optional.empty();
        for (Mapping mapping : mappings) {
            if (anchor.isEmpty() && mapping.inode() != 0) {
                anchor = Optional.of(mapping.range().start());
            }
        }
        List<String> caveats =
                headers.positionIndependent() ? List.of(caveat(path, headers, base, strategy)) : List.of();
        return new ProcessFacts(NO_PID, path, mappings, anchor, List.of(), caveats);
    }

    /** The kernel subtracts it: wherever the first segment is linked to, it is mapped at the base. */
    private static long firstPage(ElfHeaders headers) {
        return headers.segments().isEmpty() ? 0 : headers.segments().get(0).virtualAddress() & -PageSize.BASE;
    }

    private static List<Mapping> mappings(String path, ElfHeaders headers, long base) {
        List<Mapping> mappings = new ArrayList<>();
        for (LoadSegment segment : headers.segments()) {
            if (segment.fileBytes() > 0 && fits(segment, base)) {
                long offset = segment.fileOffset() & -PageSize.BASE;
                map(
                        new Mapping(
                                segment.mappedFileRange(base),
                                segment.protection(),
                                false,
                                offset,
                                DEVICE,
                                INODE,
                                path),
                        mappings);
            }
            if (segment.memoryBytes() > segment.fileBytes() && fits(segment, base)) {
                mapZeros(segment, base, mappings);
            }
        }
        return mappings;
    }

    /** What a segment has in memory beyond its part of the file, in whole pages. */
    private static void mapZeros(LoadSegment segment, long base, List<Mapping> mappings) {
        Address start = new Address(base + segment.virtualAddress() + segment.fileBytes()).alignUp(PageSize.BASE);
        Address end = new Address(base + segment.virtualAddress() + segment.memoryBytes()).alignUp(PageSize.BASE);
        if (start.isBelow(end)) {
            map(new Mapping(new AddressRange(start, end), segment.protection(), false, 0, "00:00", 0, ""), mappings);
        }
    }

    /** The kernel does not start a program of which a part would lie outside its address space. */
    private static boolean fits(LoadSegment segment, long base) {
        long start = base + segment.virtualAddress();
        return start >= 0 && start <= ADDRESS_LIMIT - segment.memoryBytes() - PageSize.BASE;
    }

    /** Maps over what is there; what continues the last one becomes one mapping with it, as in the kernel. */
    private static void map(Mapping added, List<Mapping> mappings) {
        int last = mappings.size() - 1;
        if (last >= 0 && continues(mappings.get(last), added)) {
            AddressRange joined = new AddressRange(
                    mappings.get(last).range().start(), added.range().end());
            mappings.set(last, part(mappings.get(last), joined));
            return;
        }
        if (last >= 0
                && added.range().start().isBelow(mappings.get(last).range().end())) {
            mapOver(added, mappings);
            return;
        }
        mappings.add(added);
    }

    /** Segments may come in any order, and one over the other. */
    private static void mapOver(Mapping added, List<Mapping> mappings) {
        List<Mapping> before = new ArrayList<>(mappings);
        mappings.clear();
        boolean placed = false;
        for (Mapping mapping : before) {
            AddressRange range = mapping.range();
            if (range.start().isBelow(added.range().start())) {
                Address end = earlier(range.end(), added.range().start());
                mappings.add(part(mapping, new AddressRange(range.start(), end)));
            }
            if (!placed && added.range().start().isBelow(range.end())) {
                mappings.add(added);
                placed = true;
            }
            if (added.range().end().isBelow(range.end())) {
                Address start = later(range.start(), added.range().end());
                mappings.add(part(mapping, new AddressRange(start, range.end())));
            }
        }
    }

    private static Address earlier(Address one, Address other) {
        return one.isBelow(other) ? one : other;
    }

    private static Address later(Address one, Address other) {
        return one.isBelow(other) ? other : one;
    }

    private static boolean continues(Mapping before, Mapping added) {
        return before.inode() == added.inode()
                && before.range().end().equals(added.range().start())
                && before.protection().equals(added.protection())
                && before.fileOffset() + before.range().length() == added.fileOffset();
    }

    /** The same file over another range, which begins where it does or later. */
    private static Mapping part(Mapping mapping, AddressRange range) {
        long into = range.start().distanceFrom(mapping.range().start());
        long offset = mapping.inode() == 0 ? 0 : mapping.fileOffset() + into;
        return new Mapping(
                range, mapping.protection(), false, offset, mapping.device(), mapping.inode(), mapping.name());
    }

    private static String caveat(String path, ElfHeaders headers, long base, RegionStrategy strategy) {
        long fewest = Long.MAX_VALUE;
        long most = 0;
        for (long shift = 0; shift < PageSize.HUGE; shift += headers.alignment()) {
            long pages = hugePages(mappings(path, headers, base + shift), strategy);
            fewest = Math.min(fewest, pages);
            most = Math.max(most, pages);
        }
        String outcome = fewest == most
                ? "it is " + pages(most) + " wherever"
                : pages(fewest) + " certain, " + most + " possible";
        return "the kernel chooses the load address, shown is " + Address.hex(PIE_BASE & -headers.alignment()) + ": "
                + outcome;
    }

    private static String pages(long count) {
        return count + (count == 1 ? " page of 2 MB" : " pages of 2 MB");
    }

    private static long hugePages(List<Mapping> mappings, RegionStrategy strategy) {
        long pages = 0;
        for (Mapping mapping : mappings) {
            Optional<AddressRange> range =
                    mapping.isReplaceableCode() ? strategy.choose(mapping, mappings) : Optional.empty();
            if (range.isPresent()) {
                pages += range.get().pages(PageSize.HUGE);
            }
        }
        return pages;
    }
}
