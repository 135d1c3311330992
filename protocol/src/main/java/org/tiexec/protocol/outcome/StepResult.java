package org.tiexec.protocol.outcome;

import org.tiexec.protocol.abi.Errno;

/** What a step of a plan came to. */
public sealed interface StepResult {
    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R succeeded(Succeeded result) throws X;

        R failed(Failed result) throws X;

        R refused(Refused result) throws X;
    }

    /** Whether the plan may go on. */
    default boolean isSuccess() {
        return this instanceof Succeeded;
    }

    /**
     * Done.
     *
     * @param value the call's raw result; for a helper task the number of bytes handled
     */
    record Succeeded(long value) implements StepResult {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.succeeded(this);
        }
    }

    /**
     * The kernel refused the call.
     *
     * @param errno why
     */
    record Failed(Errno errno) implements StepResult {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.failed(this);
        }
    }

    /**
     * A check of ours did not hold.
     *
     * @param reason which one, in words
     */
    record Refused(String reason) implements StepResult {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.refused(this);
        }
    }
}
