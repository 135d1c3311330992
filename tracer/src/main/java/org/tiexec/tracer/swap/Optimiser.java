package org.tiexec.tracer.swap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.PageCounts;
import org.tiexec.protocol.outcome.RegionOutcome;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.PlanRejectedException;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SmapsParser;
import org.tiexec.tracer.helper.HelperConversation;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.obstacle.MemoryLimits;
import org.tiexec.tracer.obstacle.MemoryRoom;
import org.tiexec.tracer.obstacle.SealedCode;
import org.tiexec.tracer.remote.AccessGrant;
import org.tiexec.tracer.remote.RemoteCalls;
import org.tiexec.tracer.sys.ByteComparison;
import org.tiexec.tracer.target.ProcessView;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * Brings a target's code to huge pages, or back: plan, validation, execution, a second plan where pages were lost.
 *
 * <p>The target stands still at launch; for an attach or an undo it runs.
 */
public final class Optimiser {
    /** What is to be left for the program to begin with. */
    private static final long ROOM_TO_RUN = 64L << 20;

    private final ProcessView target;
    private final RemoteCalls calls;
    private final Optional<AccessGrant> leave;
    private final HelperConversation helper;
    private final HelperTasks tasks;
    private final ByteComparison comparison;
    private final MemoryRoom memory;
    private final PhaseClock clock;
    private final List<Attempt> attempts = new ArrayList<>();
    private Optional<String> leftBehind = Optional.empty();

    /**
     * Prepares for one target.
     *
     * @param calls by which the target makes system calls, not opened yet
     * @param leave for the helper to touch the target's memory if it needs that, not opened yet
     * @param helper who plans
     * @param tasks who does the plan's tasks: the same, or somebody in between
     */
    public Optimiser(
            ProcessView target,
            RemoteCalls calls,
            Optional<AccessGrant> leave,
            HelperConversation helper,
            HelperTasks tasks,
            ByteComparison comparison,
            MemoryRoom memory,
            PhaseClock clock) {
        this.target = target;
        this.calls = calls;
        this.leave = leave;
        this.helper = helper;
        this.tasks = tasks;
        this.comparison = comparison;
        this.memory = memory;
        this.clock = clock;
    }

    /**
     * Does what can be done.
     *
     * @return why nothing, or not everything, was asked for or done; empty if all that was planned is done
     * @throws RollbackFailedException if the target, which stands still, is half-changed and must not run
     */
    public Optional<PlanAnswer.Declined> optimise(Settings settings)
            throws TargetGoneException, RollbackFailedException {
        try {
            Optional<PlanAnswer.Declined> result = attempt(settings);
            // Where something of ours could not be removed, that is what is to be told.
            if (result.isPresent() && leftBehind.isEmpty() && lostHugetlbPages(settings)) {
                return attempt(settings.withBacking(BackingChoice.THP));
            }
            return result;
        } catch (HelperFailedException | PlanRejectedException | IOException | ProcFormatException e) {
            return Optional.of(new PlanAnswer.Declined(false, String.valueOf(e.getMessage())));
        }
    }

    /** Whether somebody else took the reserved pages between plan and mmap, a normal outcome; an undo needs none. */
    private boolean lostHugetlbPages(Settings settings) {
        if (settings.purpose() == Purpose.UNDO || settings.backing() != BackingChoice.AUTO || attempts.isEmpty()) {
            return false;
        }
        Attempt last = attempts.get(attempts.size() - 1);
        return last.plan().header().backing() == BackingName.HUGETLB && last.ranOutOfPages();
    }

    private Optional<PlanAnswer.Declined> attempt(Settings settings)
            throws HelperFailedException, PlanRejectedException, IOException, ProcFormatException, TargetGoneException,
                    RollbackFailedException {
        helper.requestPlan(target.pid(), settings);
        // While the helper thinks: where the target stands still, this is what the plan will be about.
        List<Mapping> mappings = MapsParser.parse(target.procFile("maps"));
        byte[] smaps = target.procFile("smaps");
        PlanAnswer answer = helper.awaitPlan();
        clock.end("plan");
        if (answer instanceof PlanAnswer.Declined declined) {
            return Optional.of(declined);
        }
        Plan plan = ((PlanAnswer.Planned) answer).plan();
        if (settings.purpose() != plan.header().purpose()) {
            throw new PlanRejectedException("header", "a plan for another purpose than was asked for");
        }
        if (settings.purpose() != Purpose.LAUNCH) {
            mappings = MapsParser.parse(target.procFile("maps"));
        }
        PlanValidator.validate(plan, target.pid(), mappings);
        List<List<MappedPages>> before = pages(plan, smaps);
        Optional<String> objection = SealedCode.objection(plan, before);
        if (objection.isEmpty()) {
            objection = shortage(plan.header());
        }
        if (objection.isPresent()) {
            return Optional.of(new PlanAnswer.Declined(false, objection.get()));
        }
        clock.end("validate");
        PlanExecutor.Execution execution =
                leave.isPresent() ? executeWithLeave(leave.get(), plan, mappings) : execute(plan, mappings);
        Attempt attempt =
                new Attempt(plan, execution.steps(), execution.undone(), outcomes(plan, execution.failures(), before));
        attempts.add(attempt);
        clock.end("restore and check");
        if (leftBehind.isPresent()) {
            String failure = attempt.swappedEverything()
                    ? ""
                    : firstFailure(attempt).reason().concat("; ");
            return Optional.of(new PlanAnswer.Declined(false, failure.concat(leftBehind.get())));
        }
        return attempt.swappedEverything() ? Optional.empty() : Optional.of(firstFailure(attempt));
    }

    private PlanExecutor.Execution executeWithLeave(AccessGrant grant, Plan plan, List<Mapping> mappings)
            throws IOException, TargetGoneException, RollbackFailedException {
        grant.open();
        clock.end("leave to copy");
        try (grant) {
            return execute(plan, mappings);
        } finally {
            if (leftBehind.isEmpty()) {
                leftBehind = grant.leftBehind();
            }
        }
    }

    private PlanExecutor.Execution execute(Plan plan, List<Mapping> mappings)
            throws IOException, TargetGoneException, RollbackFailedException {
        calls.open();
        try (calls) {
            clock.end("scratch page");
            PlanExecutor.Execution execution =
                    new PlanExecutor(calls, tasks, new TargetGuard(target, comparison, mappings)).execute(plan);
            clock.end("execute");
            return execution;
        } finally {
            leftBehind = calls.remains();
        }
    }

    /** Pages of the pool count elsewhere; a snapshot is the helper's memory, and at a launch both are in the same group. */
    private Optional<String> shortage(PlanHeader plan) {
        boolean makesSnapshot = plan.method() == MethodName.IN_PLACE;
        int copies = (plan.backing() == BackingName.THP ? 1 : 0) + (makesSnapshot ? 1 : 0);
        if (plan.purpose() == Purpose.UNDO || copies == 0) {
            return Optional.empty();
        }
        String purpose = "a copy of the code besides the program";
        Optional<String> ofTarget = memory.shortageOf(target.pid(), copies * plan.bytes() + ROOM_TO_RUN, purpose);
        return ofTarget.isPresent() || !makesSnapshot
                ? ofTarget
                : memory.shortage(plan.bytes() + ROOM_TO_RUN, "a copy of the code");
    }

    /** What smaps says of each region with all of its mapping, in the order of the regions. */
    private static List<List<MappedPages>> pages(Plan plan, byte[] smaps) throws ProcFormatException {
        List<List<MappedPages>> pages = new ArrayList<>();
        for (Region region : plan.header().regions()) {
            pages.add(SmapsParser.parse(smaps, region.span()));
        }
        return pages;
    }

    private List<RegionOutcome> outcomes(
            Plan plan, Map<RegionId, Optional<String>> failures, List<List<MappedPages>> before)
            throws IOException, ProcFormatException {
        List<List<MappedPages>> after = pages(plan, target.procFile("smaps"));
        List<RegionOutcome> outcomes = new ArrayList<>();
        for (Region region : plan.header().regions()) {
            AddressRange span = region.span();
            int index = outcomes.size();
            outcomes.add(new RegionOutcome(
                    region.id(),
                    fileOf(plan.header().purpose() == Purpose.UNDO ? after.get(index) : before.get(index), region),
                    explained(failures.getOrDefault(region.id(), Optional.of("not tried"))),
                    PageCounts.of(before.get(index), span),
                    PageCounts.of(after.get(index), span),
                    Optional.empty()));
        }
        return outcomes;
    }

    /** The name of the file whose code it is, as the kernel tells it while the code is mapped from there. */
    private static String fileOf(List<MappedPages> pages, Region region) {
        for (MappedPages entry : pages) {
            if (entry.mapping().range().overlaps(region.range())) {
                return entry.mapping().name();
            }
        }
        return "";
    }

    /** Where memory has run out, the limits of the target may be why. */
    private Optional<String> explained(Optional<String> failure) throws IOException {
        String reason = failure.orElse("");
        return reason.contains(Errno.ENOMEM.toString())
                ? Optional.of(reason + MemoryLimits.inWords(target.procFile("limits")))
                : failure;
    }

    private static PlanAnswer.Declined firstFailure(Attempt attempt) {
        for (RegionOutcome region : attempt.regions()) {
            if (region.failure().isPresent()) {
                String what = attempt.plan().header().purpose() == Purpose.UNDO ? "not taken back: " : "not swapped: ";
                return new PlanAnswer.Declined(
                        false,
                        "region " + region.region() + " " + what
                                + region.failure().get());
            }
        }
        throw new IllegalStateException("no failure to tell of");
    }

    /** Each plan that was executed, in order. */
    public List<Attempt> attempts() {
        return List.copyOf(attempts);
    }
}
