package org.tiexec.protocol.plan;

import java.util.Optional;

/** One action of a plan, on behalf of one region. */
public sealed interface Step {
    /** The name by which answers and later steps refer to this one. */
    StepId id();

    /** The region for which it is done; a failing step undoes the steps of its region. */
    RegionId region();

    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R syscall(SyscallStep step) throws X;

        R helper(HelperStep step) throws X;
    }

    /**
     * A system call that the target makes.
     *
     * @param id its name
     * @param region on whose behalf
     * @param call what is called
     * @param expect what the result must be
     * @param undo the call that takes it back, made in reverse order when a later step of the region fails
     * @param why for people, in a few words
     */
    record SyscallStep(StepId id, RegionId region, Call call, Expectation expect, Optional<Call> undo, String why)
            implements Step {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.syscall(this);
        }
    }

    /**
     * Work of the helper on a region's bytes.
     *
     * @param id its name
     * @param region whose bytes
     * @param task what is done
     * @param to the place that is filled or verified; for a snapshot the region's own start
     */
    record HelperStep(StepId id, RegionId region, HelperTask task, Arg to) implements Step {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.helper(this);
        }
    }
}
