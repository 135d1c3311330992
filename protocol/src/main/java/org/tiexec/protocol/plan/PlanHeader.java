package org.tiexec.protocol.plan;

import java.util.List;

/**
 * What a plan is for: the process, its executable, the choices made.
 *
 * @param pid the target's process id in the pid namespace of tracer and helper; 0 for a prediction from a file
 * @param exe the executable's path as the kernel names it, for people only
 * @param arch the architecture, such as {@code x86_64}
 * @param purpose what the plan is for
 * @param strategy how regions were chosen
 * @param backing what pages they get; in an undo what they give up: reserved ones if one of them has such
 * @param method how these are swapped in; never in place but at launch
 * @param regions the regions, disjoint
 * @param notes what was not done or not done as asked, each with its reason
 * @param host what the machine offered when the plan was made
 */
public record PlanHeader(
        int pid,
        String exe,
        String arch,
        Purpose purpose,
        StrategyName strategy,
        BackingName backing,
        MethodName method,
        List<Region> regions,
        List<String> notes,
        HostFacts host) {
    /** Takes copies of the lists; rejects a change in place of a process that runs. */
    public PlanHeader {
        if (purpose != Purpose.LAUNCH && method == MethodName.IN_PLACE) {
            throw new IllegalArgumentException(purpose.wireName() + " is never done in place");
        }
        regions = List.copyOf(regions);
        notes = List.copyOf(notes);
    }

    /** The header of a launch. */
    public PlanHeader(
            int pid,
            String exe,
            String arch,
            StrategyName strategy,
            BackingName backing,
            MethodName method,
            List<Region> regions,
            List<String> notes,
            HostFacts host) {
        this(pid, exe, arch, Purpose.LAUNCH, strategy, backing, method, regions, notes, host);
    }

    /** The sum of the regions' sizes in bytes. */
    public long bytes() {
        long bytes = 0;
        for (Region region : regions) {
            bytes += region.range().length();
        }
        return bytes;
    }
}
