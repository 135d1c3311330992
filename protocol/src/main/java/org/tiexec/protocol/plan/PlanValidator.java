package org.tiexec.protocol.plan;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.procfs.Mapping;

/**
 * Decides whether a plan, which is untrusted input, may be executed in a given process.
 *
 * <p>A plan passes only if every region lies in a private, read-only, executable file mapping that the caller itself
 * has read from the process, and if the steps of each region follow {@link RegionRules}.
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

        Map<RegionId, RegionRules> rules = new LinkedHashMap<>();
        for (Region region : header.regions()) {
            requireReplaceable(region, mappings);
            for (RegionRules other : rules.values()) {
                require(!other.region().range().overlaps(region.range()), "region " + region.id(), "overlaps another");
            }
            RegionRules previous = rules.put(region.id(), new RegionRules(region, header.backing(), header.method()));
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

    private static void requireReplaceable(Region region, List<Mapping> mappings) throws PlanRejectedException {
        String where = "region " + region.id();
        require(region.range().isAligned(PageSize.HUGE), where, region.range() + " is not aligned to 2 MiB");
        for (Mapping mapping : mappings) {
            if (mapping.range().equals(region.mapping())) {
                require(
                        mapping.isReplaceableCode(),
                        where,
                        "the mapping is not private read-only file code: " + mapping.protection());
                require(mapping.protection().equals(region.protection()), where, "the protection differs");
                long offset = mapping.fileOffset()
                        + region.range().start().distanceFrom(mapping.range().start());
                require(offset == region.fileOffset(), where, "the file offset differs");
                return;
            }
        }
        throw new PlanRejectedException(where, "the process has no mapping " + region.mapping());
    }

    private static void require(boolean kept, String where, String reason) throws PlanRejectedException {
        if (!kept) {
            throw new PlanRejectedException(where, reason);
        }
    }
}
