package org.tiexec.tracer.helper;

import org.tiexec.protocol.plan.Plan;

/** What the helper answers when it is asked for a plan. */
public sealed interface PlanAnswer {
    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R planned(Planned answer) throws X;

        R declined(Declined answer) throws X;
    }

    /** A plan, not validated yet. */
    record Planned(Plan plan) implements PlanAnswer {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.planned(this);
        }
    }

    /**
     * No plan.
     *
     * @param nothingToDo whether the program simply has no code that could gain
     * @param reason for people
     */
    record Declined(boolean nothingToDo, String reason) implements PlanAnswer {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.declined(this);
        }
    }
}
