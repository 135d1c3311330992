package org.tiexec.protocol.plan;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;

/**
 * Decides whether a plan, which is untrusted input, may be executed in a given process.
 *
 * <p>A launch or an attach passes only if every region lies in a private, read-only, executable file mapping that the
 * caller itself has read from the process, or is rounded outward from one by {@link Widening}, an undo only if every region is code without a file of which a file of that
 * size is parked elsewhere; and only if the steps of each region follow {@link RegionRules}.
 */
public final class PlanValidator {
    private PlanValidator() {}

    /**
     * Accepts or rejects a whole plan before any of it is done.
     *
     * @param plan the untrusted plan
     * @param pid the process in which it would be executed
     * @param mappings the mappings of that process as the caller has read them
     * @throws PlanRejectedException at the first broken rule
     */
    public static void validate(Plan plan, int pid, List<Mapping> mappings) throws PlanRejectedException {
        PlanHeader header = plan.header();
        require(header.pid() == pid, "header", "made for process " + header.pid() + ", not " + pid);
        require(plan.steps().size() <= Plan.MAX_STEPS, "header", "more than " + Plan.MAX_STEPS + " steps");
        require(!header.regions().isEmpty(), "header", "no region");
        require(header.regions().size() <= Plan.MAX_REGIONS, "header", "more than " + Plan.MAX_REGIONS + " regions");

        Optional<Places> places =
                header.purpose() == Purpose.LAUNCH ? Optional.empty() : Optional.of(new Places(mappings));
        Map<RegionId, RegionRules> rules = new LinkedHashMap<>();
        for (Region region : header.regions()) {
            require(
                    region.range().isAligned(PageSize.HUGE),
                    "region " + region.id(),
                    region.range() + " is not aligned to 2 MiB");
            if (header.purpose() == Purpose.UNDO) {
                requireCodeInMemory(region, mappings);
            } else {
                requireReplaceable(region, header, mappings);
            }
            for (RegionRules other : rules.values()) {
                require(!other.region().range().overlaps(region.range()), "region " + region.id(), "overlaps another");
            }
            RegionRules previous = rules.put(region.id(), rulesFor(region, header, places));
            require(previous == null, "region " + region.id(), "declared twice");
        }

        require(header.bytes() <= Plan.MAX_BYTES, "header", "more than " + (Plan.MAX_BYTES >> 20) + " MB of code");

        Set<StepId> seen = new HashSet<>();
        for (Step step : plan.steps()) {
            String where = "step " + step.id();
            require(seen.add(step.id()), where, "the name is used twice");
            RegionRules region = rules.get(step.region());
            if (region == null) {
                throw new PlanRejectedException(where, "region " + step.region() + " is not declared");
            }
            region.accept(step);
        }
        for (RegionRules region : rules.values()) {
            region.requireComplete();
        }
    }

    /** What concerns processes that run is elsewhere, so that a launch need not load it. */
    private static RegionRules rulesFor(Region region, PlanHeader header, Optional<Places> places) {
        return places.isPresent()
                ? places.get().rulesFor(region, header)
                : new LaunchRules(region, header.backing(), header.method());
    }

    private static void requireReplaceable(Region region, PlanHeader header, List<Mapping> mappings)
            throws PlanRejectedException {
        String where = "region " + region.id();
        for (Mapping mapping : mappings) {
            if (mapping.range().equals(region.mapping())) {
                require(
                        mapping.isReplaceableCode(),
                        where,
                        "the mapping is not private read-only file code: " + mapping.protection());
                require(
                        header.purpose() != Purpose.ATTACH || mapping.isFileCode(),
                        where,
                        "the mapping is on reserved huge pages already");
                require(mapping.protection().equals(region.protection()), where, "the protection differs");
                long offset = mapping.fileOffset()
                        + region.code().start().distanceFrom(mapping.range().start());
                require(offset == region.fileOffset(), where, "the file offset differs");
                requireRounded(region, header, mapping, mappings);
                return;
            }
        }
        throw new PlanRejectedException(where, "the process has no mapping " + region.mapping());
    }

    /** What lies around a region's mapping is covered only by the rule, and only as it is there. */
    private static void requireRounded(Region region, PlanHeader header, Mapping code, List<Mapping> mappings)
            throws PlanRejectedException {
        if (!region.isWidened()) {
            return;
        }
        String where = "region " + region.id();
        require(header.strategy() == StrategyName.AGGRESSIVE, where, "only aggressive regions are widened");
        Optional<List<Widened>> permitted = Widening.of(region.range(), code, mappings);
        require(
                permitted.isPresent(),
                where,
                region.range() + " covers more than " + code.range() + " and what it may be widened over");
        require(permitted.orElseThrow().equals(region.widened()), where, "what it is widened over differs");
    }

    /** The region is what an attach has left: mappings of code without a file, which together are just the region. */
    private static void requireCodeInMemory(Region region, List<Mapping> mappings) throws PlanRejectedException {
        String where = "region " + region.id();
        AddressRange code = region.mapping();
        require(region.isWidened() || code.equals(region.range()), where, "an undo is of whole mappings");
        require(
                code.start().alignDown(PageSize.HUGE).equals(region.range().start())
                        && code.end()
                                .alignUp(PageSize.HUGE)
                                .equals(region.range().end())
                        && region.range().contains(code),
                where,
                "it goes farther around its code than it may be widened");
        require(region.protection().equals(Protection.READ_EXECUTE), where, "the protection differs");
        Address covered = region.range().start();
        for (Mapping mapping : mappings) {
            if (mapping.range().overlaps(region.range())) {
                require(mapping.isCodeInMemory(), where, mapping.range() + " is not code without a file");
                require(
                        mapping.range().start().equals(covered)
                                && region.range().contains(mapping.range()),
                        where,
                        mapping.range() + " is not within the region or leaves a gap");
                covered = mapping.range().end();
            }
        }
        require(covered.equals(region.range().end()), where, "nothing is mapped at " + covered);
    }

    private static void require(boolean kept, String where, String reason) throws PlanRejectedException {
        if (!kept) {
            throw new PlanRejectedException(where, reason);
        }
    }
}
