package org.tiexec.tracer.launch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.tiexec.tracer.follow.Reach;
import org.tiexec.tracer.program.Glob;
import org.tiexec.tracer.program.Judgement;
import org.tiexec.tracer.program.ProgramJudge;
import org.tiexec.tracer.program.Starters;

/**
 * Which programs are meant besides the one that is named.
 *
 * @param mode how far others are followed
 * @param only which executables are meant, in a tree; all, if empty
 * @param limit how long; empty for the default
 */
public record Following(FollowMode mode, List<Glob> only, Optional<Duration> limit) implements ProgramJudge.Passage {
    /** Without a word about it. */
    public static final Following DEFAULT = new Following(FollowMode.STARTERS, List.of(), Optional.empty());

    /** How long one process is followed unless something else is said. */
    private static final Duration PROCESS_LIMIT = Duration.ofSeconds(2);

    /** Takes a copy of the list. */
    public Following {
        only = List.copyOf(only);
    }

    /** Whether a program is to be followed that has nothing to do itself. */
    boolean includes(Path image) {
        return switch (mode) {
            case NONE -> false;
            case STARTERS -> Starters.include(image);
            case EXEC, TREE -> true;
        };
    }

    /**
     * Whether a program counts as having nothing to do itself though its libraries may have: those of a starter are not what
     * is meant.
     */
    boolean seesThrough(Judgement.Promising program) {
        return program.objection().isPresent() && isOnTheWay(program.image());
    }

    /** Whether an executable is a starter that is followed to what it executes. */
    @Override
    public boolean isOnTheWay(Path image) {
        return includes(image) && Starters.include(image);
    }

    /** Whether a program that turns out to have nothing to do itself is to be followed. */
    boolean mayLeadOn(Judgement.Promising program) {
        return includes(program.image()) && (program.objection().isPresent() || Starters.include(program.image()));
    }

    /** Whether an executable is meant. */
    boolean means(Path image) {
        if (only.isEmpty()) {
            return true;
        }
        for (Glob glob : only) {
            if (glob.matches(image.toString())) {
                return true;
            }
        }
        return false;
    }

    Reach reach() {
        return mode == FollowMode.TREE ? Reach.TREE : Reach.PROCESS;
    }

    /**
     * When following ends; a tree is followed as long as there is one.
     *
     * @param start in the time of {@link System#nanoTime}
     */
    Optional<Long> deadline(long start) {
        if (limit.isPresent()) {
            return Optional.of(start + limit.get().toNanos());
        }
        return mode == FollowMode.TREE ? Optional.empty() : Optional.of(start + PROCESS_LIMIT.toNanos());
    }
}
