package org.tiexec.tracer.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.RegionOutcome;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Widening;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.remote.Refusal;
import org.tiexec.tracer.remote.RefusedException;
import org.tiexec.tracer.target.OpenedProcess;

/**
 * Looks out for libraries that a running program maps, and brings those with large code to 2 MB pages.
 *
 * <p>The program is not traced meanwhile: only its maps are read. A library counts when it is seen twice, so that its loader
 * is done with mapping it. When the program executes the same file again, as some do at their start, it is watched on; any
 * other is none of our business, and neither are children.
 */
final class LibraryWatch {
    /** Between two looks, each of which takes a part of a millisecond. */
    static final long PAUSE_MILLIS = 50;

    private final RunningProgram program;
    private final Settings settings;
    private final long end;
    private final Set<String> seen = new HashSet<>();
    private final Set<String> known = new HashSet<>();
    private Optional<Sight> sight = Optional.empty();
    private Optional<Object> executable = Optional.empty();
    private long pagesUsed;

    /**
     * Begins.
     *
     * @param settings what is wanted of libraries
     * @param pagesUsed how many 2 MB pages the launch has taken, of those that are allowed
     */
    LibraryWatch(RunningProgram program, Settings settings, Duration length, long pagesUsed) {
        this.program = program;
        this.settings = settings;
        this.end = System.nanoTime() + length.toNanos();
        this.pagesUsed = pagesUsed;
    }

    /**
     * Looks once, and acts on what it sees.
     *
     * @return whether there is more to look out for
     */
    boolean look() {
        boolean more = System.nanoTime() < end && !isSpent() && !program.hasLostHelper() && lookOn();
        if (!more) {
            lose();
        }
        return more;
    }

    private boolean isSpent() {
        Optional<Integer> most = settings.selection().maxPages();
        return most.isPresent() && pagesUsed >= most.get();
    }

    /** A program that cannot be worked on now, as one that is stopped, may be able to later. */
    private boolean lookOn() {
        try {
            if (sight.isEmpty()) {
                return take();
            }
            OpenedProcess process = sight.get().process();
            if (!process.isAlive()) {
                return false;
            }
            if (!sight.get().isStillThere()) {
                lose();
                seen.clear();
                known.clear();
                return take();
            }
            consider(MapsParser.parse(process.procFile("maps")), sight.get().anchor());
            return true;
        } catch (IOException | ProcFormatException e) {
            // It has just ended.
            return false;
        }
    }

    private boolean take() throws IOException {
        // First the file, then the process: what it executes in between is seen at the next look.
        Object file = Files.getAttribute(Path.of("/proc/" + program.pid() + "/exe"), "unix:fileKey");
        if (executable.isPresent() && !executable.get().equals(file)) {
            return false;
        }
        executable = Optional.of(file);
        try {
            sight = Sight.of(program.open());
            return sight.isPresent();
        } catch (RefusedException e) {
            return mayBeTakenLater(e.refusal());
        }
    }

    private boolean mayBeTakenLater(Refusal refusal) {
        return switch (refusal.kind()) {
            case TRACED, STOPPED, FROZEN -> true;
            case NO_PROCESS, ZOMBIE -> false;
            case ITSELF,
                    KERNEL_THREAD,
                    FOREIGN_ARCHITECTURE,
                    NOT_PERMITTED,
                    SHADOW_STACK,
                    SECCOMP,
                    NO_SUITABLE_THREAD,
                    NO_SCRATCH -> {
                program.leaveAlone(refusal.reason());
                yield false;
            }
        };
    }

    private void lose() {
        Optional<Sight> lost = sight;
        sight = Optional.empty();
        try {
            if (lost.isPresent()) {
                lost.get().process().close();
            }
        } catch (IOException e) {
            // Nothing depends on it any more.
            return;
        }
    }

    private void consider(List<Mapping> mappings, Address anchor) {
        Set<String> candidates = new HashSet<>();
        for (Mapping mapping : mappings) {
            if (isWorthIt(mapping, mappings) && !isOfExecutable(mapping, mappings, anchor)) {
                candidates.add(nameOf(mapping));
            }
        }
        candidates.removeAll(known);
        boolean settled = !candidates.isEmpty() && seen.containsAll(candidates);
        seen.addAll(candidates);
        if (settled) {
            known.addAll(candidates);
            act();
        }
    }

    private boolean isWorthIt(Mapping mapping, List<Mapping> mappings) {
        return mapping.isFileCode() && settings.selection().admits(mapping.name()) && holdsHugePages(mapping, mappings);
    }

    private boolean holdsHugePages(Mapping code, List<Mapping> mappings) {
        return switch (settings.strategy()) {
            case CONSERVATIVE -> code.range().alignedInterior(PageSize.HUGE).isPresent();
            case AGGRESSIVE -> Widening.around(code, mappings).isPresent();
        };
    }

    private static boolean isOfExecutable(Mapping mapping, List<Mapping> mappings, Address anchor) {
        for (Mapping other : mappings) {
            if (other.range().contains(anchor)) {
                return other.mapsSameFileAs(mapping);
            }
        }
        return false;
    }

    private static String nameOf(Mapping mapping) {
        return mapping.range() + " " + mapping.device() + " " + mapping.inode();
    }

    private void act() {
        Optional<RunReport> report = program.swap(settings.withSelection(rest()));
        if (report.isPresent()) {
            pagesUsed += pagesIn(report.get().attempts());
        }
    }

    private Selection rest() {
        Selection all = settings.selection();
        return all.maxPages().isEmpty()
                ? all
                : new Selection(
                        all.libraries(), Optional.of((int) (all.maxPages().get() - pagesUsed)));
    }

    /** How many 2 MB pages of code these have exchanged. */
    static long pagesIn(List<Attempt> attempts) {
        long pages = 0;
        for (Attempt attempt : attempts) {
            List<Region> regions = attempt.plan().header().regions();
            for (int i = 0; i < regions.size(); i++) {
                RegionOutcome outcome = attempt.regions().get(i);
                pages += outcome.isSwapped() ? regions.get(i).range().pages(PageSize.HUGE) : 0;
            }
        }
        return pages;
    }
}
