package org.tiexec.helper.planner;

import org.tiexec.protocol.plan.Plan;

/** What the planner has come to. */
public sealed interface Decision {
    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R proposed(Proposed decision) throws X;

        R declined(Declined decision) throws X;
    }

    /**
     * There is something to do.
     *
     * @param plan how
     */
    record Proposed(Plan plan) implements Decision {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.proposed(this);
        }
    }

    /**
     * There is no plan.
     *
     * @param nothingToDo whether that is because no code could gain; otherwise it cannot be had
     * @param reason for people: what, where, why, what to do
     */
    record Declined(boolean nothingToDo, String reason) implements Decision {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.declined(this);
        }
    }
}
